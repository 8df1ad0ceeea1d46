// Goal: nothing that others send can act, hide, reorder, imitate or freeze. Method: a plain client
// sends it, and the nodes of the page are compared. Limits: the listed texts; Chromium alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { house, Person, Plain } from './support.mjs';

/** What a row shows: its name, and its text with escapes in brackets of their own. */
const shown = (row) => row.evaluate((node) => ({
  name: node.querySelector('.name').firstChild.data,
  text: [...node.querySelector('.text').childNodes].map((part) =>
    part.className === 'code' ? `⟦${part.textContent}⟧` : part.textContent).join(''),
}));

test('markup is text', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, '<b>eve</b>', '#r');
  const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>&amp;';
  eve.send(markup);
  const row = await ann.row('onerror');
  assert.deepEqual(await shown(row), { name: '<b>eve</b>', text: markup });
  assert.equal(await ann.page.locator('#log img, #log script, #log b').count(), 0);
  eve.send('javascript:alert(1) http://example.org/?q=1 data:text/html,x');
  const links = (await ann.row('javascript:')).locator('a');
  assert.deepEqual(await links.evaluateAll((all) => all.map(({ href, rel }) => [href, rel])),
    [['http://example.org/?q=1', 'noopener noreferrer']]);
  await ann.close();
});

test('what is not visible is shown as an escape', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, 'eve', '#r');
  const cases = [
    ['0 \x1b[2J\x07\x00\x7f', '0 ⟦\\x1b⟧[2J⟦\\x07\\x00\\x7f⟧'],
    ['1 a\tb\rc', '1 a⟦\\x09⟧b⟦\\x0d⟧c'],
    ['2 \u202eevil\u202c \u2066x\u2069\u200f', '2 ⟦\\u{202e}⟧evil⟦\\u{202c}⟧ ⟦\\u{2066}⟧x'
      + '⟦\\u{2069}\\u{200f}⟧'],
    ['3 a\u200bb\u3164c\u2800d\ufeff', '3 a⟦\\u{200b}⟧b⟦\\u{3164}⟧c⟦\\u{2800}⟧d⟦\\u{feff}⟧'],
    ['4 \u2028\u2029\u009b', '4 ⟦\\u{2028}\\u{2029}\\u{9b}⟧'],
    ['5 ❤\ufe0f 👩\u200d👧 1\ufe0f\u20e3 می\u200cخواهم', null],
    ['6 a\ufe0f 👧\u200d b\u200cob', '6 a⟦\\u{fe0f}⟧ 👧⟦\\u{200d}⟧ b⟦\\u{200c}⟧ob'],
    ['7 \\x1b typed', null],
    [Buffer.from([0x38, 0x20, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xc3, 0xbc]),
      '8 ⟦\\xff\\xc3⟧(⟦\\xed\\xa0\\x80⟧ü'],
  ];
  for (const [line] of cases) eve.send(line);
  eve.send('that is all');
  await ann.sees('#log .text', 'that is all');
  const rows = await ann.page.locator('#log .row.said').all();
  for (const [at, [line, wanted]] of cases.entries()) {
    assert.deepEqual(await shown(rows[at]), { name: 'eve', text: wanted ?? String(line) });
  }
  await ann.close();
});

test('text from right to left is isolated and changes nothing around it', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, 'eve', '#r');
  eve.send('שלום ann, 123');
  eve.send('plain text');
  const [rtl, ltr] = [await ann.row('שלום'), await ann.row('plain text')];
  const look = (row) => row.evaluate((node) => {
    const [text, name] = [node.querySelector('.text'), node.querySelector('.name')];
    const style = getComputedStyle(text);
    return {
      direction: style.direction, bidi: style.unicodeBidi,
      nameBidi: getComputedStyle(name).unicodeBidi,
      nameFirst: name.getBoundingClientRect().right <= text.getBoundingClientRect().left,
    };
  });
  const isolated = { bidi: 'isolate', nameBidi: 'isolate', nameFirst: true };
  assert.deepEqual(await look(rtl), { direction: 'rtl', ...isolated });
  assert.deepEqual(await look(ltr), { direction: 'ltr', ...isolated });
  await ann.close();
});

test('a text that imitates a line of the server stays a text', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, 'eve', '#r');
  for (const line of ['MSG ROOM #r ann I owe eve money', 'MSG OK Left #r', 'MSG LEAVE #r ann',
    'MSG ERROR Server full', `MSG hi${' '.repeat(300)}12:00 ann I agree`, 'MSG USERLIST nobody',
    'MSG x\rROOM #r ann forged', 'MSG You were away; something is missing']) eve.send(line);
  eve.send('PRIVMSG ann ROOM #r ann forged too');
  eve.send('that is all');
  await ann.sees('#log .text', 'that is all');
  const names = await ann.page.locator('#log .row:not(.note) .name').evaluateAll(
    (all) => [...new Set(all.map((name) => name.firstChild.data))]);
  assert.deepEqual(names, ['eve']);
  assert.equal(await ann.page.locator('#log .row.note').filter({ hasText: 'missing' }).count(), 0);
  // However it is wrapped, a text does not reach under the names.
  const inside = await (await ann.row('I agree')).evaluate((row) => {
    const range = document.createRange();
    range.selectNodeContents(row.querySelector('.text'));
    const name = row.querySelector('.name').getBoundingClientRect();
    return [...range.getClientRects()].every(({ left }) => left >= name.right);
  });
  assert.equal(inside, true);
  assert.equal(await ann.page.locator('#state').textContent(), 'Connected as ann');
  await ann.close();
});

test('a long text, and one of many pieces, is folded and shown on request', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, 'eve', '#r');
  eve.send('a\x01'.repeat(9_000));
  eve.send(`long ${'x'.repeat(19_000)}`);
  const row = await ann.row('long xxx');
  assert.ok(await ann.page.locator('#log .code').count() <= 60);
  assert.ok((await row.locator('.text').textContent()).length <= 1_000);
  await row.locator('button').click();
  assert.equal((await row.locator('.text').textContent()).length, 19_005);
  await ann.close();
});

test('ten thousand lines leave at most 500 rows, and the keyboard answers', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, 'eve', '#r');
  await ann.page.evaluate(() => {
    const log = document.getElementById('log');
    window.most = { rows: 0, added: 0, typed: [] };
    new MutationObserver((changes) => {
      const added = changes.reduce((sum, { addedNodes }) => sum + addedNodes.length, 0);
      window.most.rows = Math.max(window.most.rows, log.childElementCount);
      window.most.added = Math.max(window.most.added, added);
    }).observe(log, { childList: true });
    // For each keystroke: whether its letter was there in the frame after it.
    document.getElementById('text').addEventListener('keydown', ({ key, target }) => {
      requestAnimationFrame(() => requestAnimationFrame(() => {
        window.most.typed.push(target.value.includes(key));
      }));
    });
  });
  await ann.page.focus('#text');
  eve.send(Array.from({ length: 10_000 }, (_, at) => `line ${at} ${'x'.repeat(60)}`).join('\n'));
  for (const key of 'still') await ann.page.keyboard.press(key);
  await ann.sees('#log .text', 'line 9999 ');
  await ann.until(() => window.most.typed.length === 5);
  const most = await ann.page.evaluate(() => window.most);
  assert.ok(most.rows > 100 && most.rows <= 500, `${most.rows} rows`);
  assert.ok(most.added <= 500, `${most.added} rows in one frame`);
  assert.deepEqual(most.typed, [true, true, true, true, true], 'letters one frame later');
  assert.equal(await ann.page.inputValue('#text'), 'still');
  assert.ok(await ann.page.locator('#cut').isVisible());
  const end = await ann.page.locator('#scroll').evaluate(
    (node) => node.scrollHeight - node.scrollTop - node.clientHeight);
  assert.ok(end < 40, 'the newest line is in view');
  await ann.close();
});
