// Classifies pictures in a browser, by a model that `millrace export --input photo` wrote.
import * as ort from 'onnxruntime-web';

const MODEL = 'model.onnx';
const element = (id) => document.getElementById(id);

/** What the user should know, in a line. */
function say(line, isWrong = false) {
  element('status').textContent = line;
  element('status').classList.toggle('wrong', isWrong);
}

const ready = openModel().catch((error) => {
  element('progress').hidden = true;
  say(error.message, true);
});

/** Loads the model and what runs it; resolves to a function that gives the guesses for a picture. */
async function openModel() {
  const runtime = new URL('ort-wasm-simd-threaded.wasm', import.meta.resolve('onnxruntime-web'));
  const [file, wasm] = await download([MODEL, runtime]);
  const classes = classesOf(file);
  say('Preparing the model');
  // without a value: nobody knows how long it takes
  element('progress').removeAttribute('value');
  ort.env.wasm.wasmBinary = wasm;
  const session = await ort.InferenceSession.create(file).catch((error) => {
    throw new Error(`${MODEL} cannot be used: ${error.message}`);
  });
  element('progress').hidden = true;
  say('Ready for a picture');
  return async (picture) => bestOf(await logitsOf(session, await pixelsOf(picture)), classes);
}

/** Fetches files together, and shows how many of their bytes are there. */
async function download(urls) {
  const responses = await Promise.all(urls.map((url) => fetch(url)));
  const failed = responses.find(({ ok }) => !ok);
  if (failed) throw new Error(`${new URL(failed.url).pathname} cannot be loaded: ${failed.status}`);
  const total = responses.reduce((sum, { headers }) => sum + Number(headers.get('content-length')), 0);
  let loaded = 0;
  const count = (bytes) => {
    loaded += bytes;
    showLoaded(loaded, total);
  };
  return Promise.all(responses.map(({ body }) => readAll(body.getReader(), count)));
}

async function readAll(reader, count) {
  const chunks = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks.push(value);
    count(value.length);
  }
}

/** A server that compresses does not say how much there will be. */
function showLoaded(loaded, total) {
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  say(`Loading: ${megabytes(loaded)}${total >= loaded ? ` of ${megabytes(total)}` : ''}`);
  element('progress').hidden = false;
  if (total >= loaded) Object.assign(element('progress'), { max: total, value: loaded });
}

/** The names of the model's classes, which are in the file itself. */
function classesOf(file) {
  const metadata = metadataOf(file);
  if (!metadata.classes) throw new Error(`${MODEL} does not name its classes: write it with millrace export`);
  if (metadata.input !== 'photo')
    throw new Error(`${MODEL} takes ${metadata.input}: write it with millrace export --input photo`);
  return JSON.parse(metadata.classes);
}

/** The texts that an ONNX file says of itself, each a field 14 with a name (1) and a value (2). */
function metadataOf(file) {
  const texts = new TextDecoder();
  const metadata = {};
  try {
    for (const [number, bytes] of fieldsOf(file)) {
      if (number !== 14) continue;
      const entry = Object.fromEntries(fieldsOf(bytes));
      metadata[texts.decode(entry[1])] = texts.decode(entry[2]);
    }
  } catch (error) {
    throw new Error(`${MODEL} is no ONNX file, or a damaged one: ${error.message}`);
  }
  return metadata;
}

/** Fields of a protobuf message that are bytes: texts and messages. The others are passed over. */
function* fieldsOf(message) {
  let position = 0;
  const integer = () => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message[position++];
      if (byte === undefined || factor > 2 ** 63) throw new Error(`it ends or errs at byte ${position}`);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (position < message.length) {
    const key = integer();
    const kind = key % 8;
    if (kind === 0) integer();
    else if (kind === 2) {
      const length = integer();
      if (length > message.length - position) throw new Error('its end is missing');
      yield [Math.floor(key / 8), message.subarray(position, position + length)];
      position += length;
    } else if (kind === 1 || kind === 5) position += kind === 1 ? 8 : 4;
    else throw new Error(`no field is of kind ${kind}`);
  }
}

/** A picture's pixels as the model takes them: uint8 [height, width, 3]. */
async function pixelsOf(picture) {
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none', imageOrientation: 'from-image' };
  const bitmap = await createImageBitmap(picture, options).catch(() => {
    throw new Error(`${picture.name} is no picture that this browser can read`);
  });
  const { width, height } = bitmap;
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8Array(width * height * 3);
  // red, green, blue and no alpha
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from];
    pixels[to + 1] = data[from + 1];
    pixels[to + 2] = data[from + 2];
  }
  return new ort.Tensor('uint8', pixels, [height, width, 3]);
}

async function logitsOf(session, photo) {
  const outputs = await session.run({ [session.inputNames[0]]: photo });
  return outputs[session.outputNames[0]].data;
}

/** The five most probable classes. */
function bestOf(logits, classes) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers
    .map((power, index) => ({ name: classes[index], probability: power / sum }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 5);
}

let last = Promise.resolve();

/** One picture after the other: the model takes one at a time. */
const take = (picture) => {
  last = last.then(() => classify(picture)).catch((error) => say(error.message, true));
};

async function classify(picture) {
  const guessesOf = await ready;
  // the model cannot be used, which is said already
  if (guessesOf === undefined) return;
  show(undefined, []);
  if (picture === undefined) throw new Error('That was no file: save the picture first, then drop it');
  say(`Looking at ${picture.name}`);
  show(picture, await guessesOf(picture));
  say(picture.name);
}

/** The picture and its guesses, or none. */
function show(picture, guesses) {
  const shown = element('picture');
  URL.revokeObjectURL(shown.src);
  if (picture !== undefined) shown.src = URL.createObjectURL(picture);
  shown.hidden = picture === undefined;
  element('hint').hidden = picture !== undefined;
  element('guesses').replaceChildren(...guesses.map(lineOf));
}

function lineOf({ name, probability }) {
  const line = document.createElement('li');
  const meter = Object.assign(document.createElement('meter'), { value: probability });
  line.append(
    name,
    Object.assign(document.createElement('span'), { textContent: `${(100 * probability).toFixed(1)} %` }),
    meter,
  );
  return line;
}

const markPlace = (isOver) => element('place').classList.toggle('over', isOver);

// a browser would open what is dropped
addEventListener('dragover', (event) => {
  event.preventDefault();
  markPlace(true);
});
addEventListener('dragleave', () => markPlace(false));
addEventListener('drop', (event) => {
  event.preventDefault();
  markPlace(false);
  take(event.dataTransfer.files[0]);
});
addEventListener('paste', (event) => take(event.clipboardData.files[0]));
element('file').addEventListener('change', ({ target }) => {
  take(target.files[0]);
  // so that the same file can be chosen again
  target.value = '';
});
