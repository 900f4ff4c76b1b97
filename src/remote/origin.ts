/** What is asked of which server, signed where it must be. */
export interface Target {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where objects of one scheme lie. */
export interface Origin {
  /** A request for the object with these headers: made anew for each, since signatures and tokens get old. */
  target(url: string, headers: Readonly<Record<string, string>>): Promise<Target>;
}
