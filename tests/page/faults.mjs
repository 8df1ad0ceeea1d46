// Plants faults in the page, one at a time: the named test must fail with each.
//
//     node faults.mjs PAGE [NAME...]
//
// The page with the fault is given to the browser in place of the server's, with the policy that
// fits it.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

// A name, the test that must fail, the right text and the wrong one.
const FAULTS = [
  ['markup-acts', 'markup is text',
    'if (until > from) node.append(string.slice(from, until));',
    'if (until > from) node.innerHTML += string.slice(from, until);'],
  ['any-link', 'markup is text',
    "'(?<link>https?:\\\\/\\\\/[!-~]+)'", "'(?<link>[a-z]+:\\\\/?\\\\/?[!-~]+)'"],
  ['hidden-stays-hidden', 'shown as an escape',
    '\\\\p{Default_Ignorable_Code_Point}', ''],
  ['every-joiner-stays', 'shown as an escape',
    '(?<=${EMOJI}[\\\\uFE0F\\\\u{1F3FB}-\\\\u{1F3FF}]?)\\\\u200D(?=${EMOJI})', '\\\\u200D'],
  ['bytes-are-lost', 'shown as an escape',
    'String.fromCharCode(0xdc00 + bytes[at])', "'?'"],
  ['no-isolation', 'right to left',
    "words.dir = 'auto';\n  node.append(words);", 'node.append(words);'],
  ['names-and-text-share-a-column', 'imitates a line',
    '.row .text { white-space: pre-wrap;',
    '.row .text { grid-column: 1 / -1; white-space: pre-wrap;'],
  ['everything-is-kept', 'ten thousand lines',
    'while (to.rows.length > ROWS_MAX ||', 'while ('],
  ['nothing-is-folded', 'a long text',
    'if (!whole && pieces >= FOLD_PIECES) {', 'if (false) {'],
  ['history-is-now', 'history is marked',
    "add(to, { kind: 'early', from, text: words, at: null });",
    "add(to, { kind: 'said', from, text: words });"],
  ['own-words-are-not-recognised', 'unknown fate',
    'if (item) deliver(item);', ''],
  ['history-is-shown-twice', 'unknown fate',
    'while (overlap > 0 && !same(overlap)) overlap -= 1;', 'overlap = 0;'],
  ['a-loss-takes-words-with-it', 'a killed server',
    "for (const item of outbox) if (item.state === 'sent') item.state = 'unknown';",
    "outbox = outbox.filter((item) => item.state !== 'sent');"],
  ['no-way-back', 'a killed server',
    'retryTimer = setTimeout(connect, pause);', ''],
  ['no-pause-grows', 'pauses between', '* 2 ** tries)', ')'],
  ['a-silent-server-is-trusted', 'does not answer for',
    "lose('The server has not answered for 20 s.');", ''],
  ['part-of-a-name-is-a-mention', 'a mention stands out',
    '`(?<![\\\\p{L}\\\\p{N}_])${quoted(name)}(?![\\\\p{L}\\\\p{N}_])`', 'quoted(name)'],
  ['unread-is-not-counted', 'private messages',
    'to.unread += 1;', ''],
  ['the-limit-is-one-more', 'limit of a line',
    'return LINE_BYTES_MAX - 1 - size(head);', 'return LINE_BYTES_MAX - size(head);'],
  ['a-paste-is-sent-unasked', 'a paste of many',
    'if (/[\\r\\n]/.test(lone)) {', 'if (false) {'],
  ['no-outline', 'keyboard alone',
    ':focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }',
    ':focus-visible { outline: none; }'],
  ['everything-moves', 'nothing moves',
    '@media (prefers-reduced-motion: no-preference)', '@media all'],
  ['pale-text', 'axe-core', '--muted: #57606a;', '--muted: #a0a8b0;'],
  ['a-field-without-a-label', 'axe-core', '<label for="name">Your name</label>', 'Your name'],
  ['a-wide-row', 'at 320 px', '#rest { grid-template-columns: minmax(0, 1fr); }', ''],
  ['the-log-is-left-behind', 'stays in view', 'new ResizeObserver(toEnd).observe(scroll);', ''],
  ['a-flood-is-read-out', 'what is announced', "quiet ? 'off' : 'polite'", "'polite'"],
];

const [file, ...names] = process.argv.slice(2);
const page = readFileSync(file, 'utf8');
let unnoticed = 0;
for (const [name, check, right, wrong] of FAULTS) {
  if (names.length > 0 && !names.includes(name)) continue;
  if (page.split(right).length !== 2) throw new Error(`${name}: its place is not there once`);
  writeFileSync('faulty.html', page.replace(right, () => wrong));
  const env = { ...process.env, PARLANCE_PAGE_FILE: 'faulty.html' };
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-concurrency=1',
    `--test-name-pattern=${check}`, 'access.test.mjs', 'hostile.test.mjs', 'talk.test.mjs'],
  { encoding: 'utf8', timeout: 120_000, env });
  const failed = /^not ok \d+ - .*|✖ .*/m.exec(stdout)?.[0];
  if (status === 0 || !failed) unnoticed += 1;
  console.log(`${status === 0 || !failed ? 'NOT NOTICED' : 'noticed'} ${name}: ${failed ?? check}`);
}
if (unnoticed > 0) {
  console.log(`${unnoticed} faults are not noticed`);
  process.exit(1);
}
