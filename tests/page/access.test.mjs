// Goal: the page can be used by keyboard alone, at 320 px, in dark and light, by a screen reader as
// far as axe-core can tell, and says its limits. Method: Chromium with emulated media, axe-core.
// Limits: axe-core finds a part of what can be wrong; nobody listened to a screen reader here.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { house, Person, Plain } from './support.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations that axe-core finds, as rule and place. */
async function violations({ page }) {
  // The evaluation of a debugger is not subject to the policy of the page.
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
  });
}

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1000, 320]) {
    test(`axe-core finds nothing in ${colorScheme} at ${width} px`, async (context) => {
      const { server, browser } = await house(context);
      const joe = await Plain.connect(server, 'joe', '#r');
      joe.send('said before');
      await joe.hears('ROOM #r joe said before');
      const options = { colorScheme, viewport: { width, height: 640 } };
      const ann = await Person.open(browser, server, options);
      await ann.knock('no name');
      assert.deepEqual(await violations(ann), [], 'at the door');
      await ann.knock('ann', '#r');
      await ann.sees('#log .text', 'You are in #r.');
      for (const name of 'abcdefghij') await Plain.connect(server, name, '#r').then((one) => {
        one.send(`I am ${name}, ann, see http://example.org/ \x1b \u202e`);
      });
      await ann.sees('#log .text', 'I am j');
      joe.send('PRIVMSG ann psst');
      await joe.hears('OK Sent');
      await ann.says('/msg nobody hello');
      await ann.sees('#outbox', 'Nobody is called nobody now.');
      await ann.page.fill('#text', 'x'.repeat(20_000));
      assert.deepEqual(await violations(ann), [], 'in a conversation');
      if (width === 320) {
        await ann.page.click('#menu');
        assert.deepEqual(await violations(ann), [], 'in the drawer');
        await ann.page.click('#menu');
      }
      await ann.page.fill('#text', '');
      await ann.pastes('one\ntwo\n');
      await ann.page.locator('#ask').waitFor();
      assert.deepEqual(await violations(ann), [], 'in a question');
      await ann.page.keyboard.press('Escape');
      await server.kill();
      await ann.sees('#clock', 'Trying again');
      assert.deepEqual(await violations(ann), [], 'without a server');
      await ann.close();
    });
  }
}

test('the log is a log, and what is announced is bounded', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const eve = await Plain.connect(server, 'eve', '#r');
  await ann.sees('#log .text', 'eve joined');
  const live = () => ann.page.locator('#log').getAttribute('aria-live');
  assert.equal(await ann.page.locator('#log').getAttribute('role'), 'log');
  eve.send('one line');
  await ann.sees('#log .text', 'one line');
  assert.equal(await live(), 'polite');
  eve.send(Array.from({ length: 300 }, (_, at) => `flood ${at}.`).join('\n'));
  await ann.until(() => document.getElementById('log').getAttribute('aria-live') === 'off');
  await ann.sees('#log .text', 'flood 299.');
  eve.send('afterwards');
  await ann.sees('#log .text', 'afterwards');
  assert.equal(await live(), 'polite');
  await ann.close();
});

test('the keyboard alone is enough', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#general');
  const ann = await Person.open(browser, server);
  const { page } = ann;
  const focused = () => page.evaluate(() => document.activeElement.id
    || document.activeElement.dataset.name || document.activeElement.textContent);
  // Presses Tab until the focus is at `wanted`, and sees that each stop has an outline.
  const walk = async (wanted, key = 'Tab') => {
    for (let steps = 0; steps < 40; steps += 1) {
      if (await focused() === wanted) return;
      await page.keyboard.press(key);
      const outline = await page.evaluate(() => document.activeElement === document.body
        ? 'solid' : getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(outline, 'solid', await focused());
    }
    assert.fail(`the focus does not reach ${wanted}`);
  };
  assert.equal(await focused(), 'name');
  await page.keyboard.type('ann');
  await walk('first');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('general');
  await walk('walk-in');
  await page.keyboard.press('Enter');
  await ann.sees('#log .text', 'You are in #general.');
  assert.equal(await focused(), 'text', 'one can type at once');
  await page.keyboard.type('hello');
  await page.keyboard.press('Enter');
  await joe.hears('ROOM #general ann hello');
  await walk('joe', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await ann.sees('#where', 'Private: joe');
  assert.equal(await focused(), 'text');
  await page.keyboard.type('psst');
  await page.keyboard.press('Enter');
  await joe.hears('PRIVMSG ann psst');
  await walk('room', 'Shift+Tab');
  await page.keyboard.type('tea');
  await page.keyboard.press('Enter');
  await ann.sees('#log .text', 'You are in #tea.');
  await walk('scroll', 'Shift+Tab');
  await walk('out', 'Shift+Tab');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'name');
  await joe.hears('LEAVE #general ann');
  await ann.close();
});

test('at 320 px nothing has to be scrolled sideways', async (context) => {
  const { server, browser } = await house(context);
  const long = '#'.padEnd(31, 'w');
  const eve = await Plain.connect(server, 'E'.repeat(31), long);
  const ann = await Person.open(browser, server, { viewport: { width: 320, height: 480 } });
  const fits = async (where) => {
    const over = await ann.page.evaluate(() => [...document.querySelectorAll('body, body *')]
      .filter((node) => node.checkVisibility() && !node.closest('.unseen, pre')
        && node.getBoundingClientRect().right > 320.5).map((node) => node.outerHTML.slice(0, 80)));
    assert.deepEqual(over, [], where);
    assert.ok(await ann.page.evaluate(() => document.documentElement.scrollWidth <= 320), where);
  };
  await fits('at the door');
  await ann.knock('a'.repeat(31), long);
  await ann.sees('#log .text', 'You are in');
  eve.send(`${'a'.repeat(200)} \x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11`);
  eve.send(`PRIVMSG ${'a'.repeat(31)} ${'b'.repeat(100)}`);
  await ann.sees('#log .text', 'aaaa');
  await ann.says('/msg nobody hello');
  await ann.sees('#outbox', 'Nobody is called');
  await fits('in a conversation');
  await ann.page.click('#menu');
  assert.ok(await ann.page.locator('#people').isVisible());
  await fits('in the drawer');
  await ann.page.keyboard.press('Escape');
  assert.ok(await ann.page.locator('#text').isVisible());
  await ann.pastes('one\ntwo');
  await ann.page.locator('#ask').waitFor();
  await fits('in a question');
  await ann.close();
});

test('the limit of a line is shown while typing and kept', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r');
  // A line has at most 20,000 bytes with `MSG ` and the LF. [common/framing-8]
  await ann.page.fill('#text', 'ü'.repeat(9_998));
  await ann.sees('#left', '19,996 of 19,995 bytes');
  await ann.sees('#over', 'Too long by 1 byte.');
  await ann.page.press('#text', 'Enter');
  await ann.sees('#wrong', 'That is too long by 1 byte: it is not sent.');
  const longest = `${'ü'.repeat(9_997)}x`;
  assert.equal(await ann.page.inputValue('#text'), 'ü'.repeat(9_998), 'it is kept');
  await ann.says(longest);
  await joe.hears(`ROOM #r ann ${Buffer.from(longest).toString('latin1')}`);
  assert.equal(await ann.page.inputValue('#text'), '');
  await ann.says(`/msg joe ${'y'.repeat(20_000 - 1 - 'PRIVMSG joe '.length)}`);
  await joe.hears(/^PRIVMSG ann y{19987}$/);
  await ann.close();
});

test('a paste of many lines is asked about', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r');
  const answer = async (words, label) => {
    await ann.pastes(words);
    await ann.sees('#ask-text', 'Each line becomes a message to #r.');
    await ann.page.locator('#answers button', { hasText: label }).click();
    await ann.page.locator('#ask').waitFor({ state: 'hidden' });
  };
  await answer('one\r\n\r\n/two\nthree\n', 'Cancel');
  // The next question may come before the browser has told that the dialog of the last is closed.
  await ann.pastes('four\nfive\n');
  await ann.page.evaluate(() => {
    document.querySelector('#answers button:last-child').click();
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'six\nseven\n');
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.getElementById('text').dispatchEvent(event);
  });
  await ann.sees('#ask-shown', 'sixseven');
  await ann.page.locator('#answers button', { hasText: 'Make it one line' }).click();
  await ann.until(() => document.getElementById('text').value === 'six seven');
  await ann.page.fill('#text', '');
  await answer('one\r\n\r\n/two\nthree\n', 'Make it one line');
  await ann.until(() => document.getElementById('text').value === 'one /two three');
  await ann.page.fill('#text', '');
  await answer('one\r\n\r\n/two\nthree\n', 'Send 3 messages');
  for (const line of ['one', '/two', 'three']) await joe.hears(`ROOM #r ann ${line}`);
  // The LF that ends a copied line is no second line.
  await ann.pastes('alone\n');
  assert.equal(await ann.page.inputValue('#text'), 'alone');
  await ann.page.fill('#text', '');
  await answer(Array.from({ length: 500 }, (_, at) => `row ${at}`).join('\n'), 'Send 500 messages');
  await joe.hears('ROOM #r ann row 499');
  await ann.page.locator('#outbox').waitFor({ state: 'hidden' });
  await ann.close();
});

test('nothing moves for those that asked for less motion', async (context) => {
  const { server, browser } = await house(context);
  const moving = async (reducedMotion) => {
    const ann = await Person.open(browser, server, { reducedMotion });
    await ann.knock(`ann-${reducedMotion}`, '#r');
    await ann.sees('#log .text', 'You are in #r.');
    const count = await ann.page.evaluate(() => {
      const moves = ({ transitionDuration, animationName }) =>
        transitionDuration !== '0s' || animationName !== 'none';
      const all = [...document.querySelectorAll('*')];
      return all.filter((node) => moves(getComputedStyle(node))).length;
    });
    await ann.close();
    return count;
  };
  assert.equal(await moving('reduce'), 0);
  assert.ok(await moving('no-preference') > 0, 'the rule has something to forbid');
});
