import { it } from 'vitest';
import { expectCommitted } from '../support/committed.ts';
import { operatorDocs } from '../support/operator-docs.ts';

it('docs/operators.md is what the declarations say', () => {
  expectCommitted('docs/operators.md', operatorDocs(), 'UPDATE_DOCS');
});
