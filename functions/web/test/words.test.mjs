import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCharacters, linkParts } from '../client/words.js';

const links = (text) => linkParts(text).filter(({ href }) => href).map(({ href }) => href);

test('only http and https become links', () => {
  assert.deepEqual(links('javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b'), []);
  assert.deepEqual(links('see http://a.example and HTTPS://b.example/'), ['http://a.example', 'HTTPS://b.example/']);
});

test('punctuation around a link stays outside', () => {
  assert.deepEqual(links('(https://a.example/x), https://a.example/w_(y)! "https://a.example"'), [
    'https://a.example/x', 'https://a.example/w_(y)', 'https://a.example',
  ]);
});

test('no character is lost in splitting', () => {
  for (const text of ['', 'plain', 'https://a.example', 'a https://a.example. b https:// c', 'x<https://a.example>y']) {
    assert.equal(linkParts(text).map((part) => part.text).join(''), text);
  }
});

test('a character is a code point, as on the server', () => {
  assert.equal(countCharacters('a👍é'), 3);
});
