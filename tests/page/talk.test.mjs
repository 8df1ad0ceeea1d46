// Goal: people with the page and people with a plain client share the rooms, and a server that is
// gone loses nobody's words silently. Method: the daemon, Chromium, and TCP clients. Limits: one
// browser engine; a server that dies, not a network that does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { house, launch, Person, Plain, Server } from './support.mjs';

test('two browsers and a plain client talk in all directions', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#general');
  const bob = await Person.enter(browser, server, 'bob', '#general');
  const joe = await Plain.connect(server, 'joe', '#general');
  await ann.says('hello from ann');
  await bob.sees('#log .text', 'hello from ann');
  await joe.hears('ROOM #general ann hello from ann');
  joe.send('hello from joe');
  await ann.sees('#log .text', 'hello from joe');
  await bob.sees('#log .text', 'hello from joe');
  await bob.says('grüß dich 👋');
  await ann.sees('#log .text', 'grüß dich 👋');
  await joe.hears(`ROOM #general bob ${Buffer.from('grüß dich 👋').toString('latin1')}`);
  assert.match(await (await ann.row('hello from ann')).getAttribute('class'), /own/);
  const people = await ann.page.locator('#people button bdi').allTextContents();
  assert.deepEqual(people, ['ann', 'bob', 'joe']);
  joe.send('QUIT');
  await ann.sees('#log .text', 'joe left');
  await ann.until(() => document.querySelectorAll('#people button').length === 2);
  await ann.close();
  await bob.close();
});

test('a text that looks like a command is said when two slashes begin it', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r');
  for (const [typed, said] of [['//etc', '/etc'], ['QUIT', 'QUIT'], ['JOIN #x', 'JOIN #x']]) {
    await ann.says(typed);
    await joe.hears(`ROOM #r ann ${said}`);
  }
  await ann.says('/nonsense');
  await ann.sees('#wrong', 'There is no command /nonsense.');
  assert.equal(await ann.page.inputValue('#text'), '/nonsense', 'it is kept to be put right');
  await ann.close();
});

test('rooms are listed and changed, and history is marked', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#tea');
  joe.send('said before');
  await joe.hears('ROOM #tea joe said before');
  const ann = await Person.enter(browser, server, 'ann', '#general');
  const kit = await Plain.connect(server, 'kit', '#general');
  await ann.page.locator('#rooms button', { hasText: '#tea' }).click();
  await ann.sees('#log .text', 'You are in #tea. Also here: joe.');
  await kit.hears('LEAVE #general ann');
  const old = await ann.row('said before');
  assert.match(await old.getAttribute('class'), /early/);
  assert.match(await old.textContent(), /^earlier/);
  joe.send('said now');
  const fresh = await ann.row('said now');
  assert.doesNotMatch(await fresh.getAttribute('class'), /early/);
  const rows = await ann.page.locator('#log .text').allTextContents();
  const places = ['History: 1 message, said before you came', 'said before', 'End of history',
    'said now'].map((words) => rows.indexOf(words));
  assert.deepEqual(places, [...places].sort((a, b) => a - b), rows.join('\n'));
  assert.ok(places[0] >= 0);
  assert.equal(new URL(ann.page.url()).hash, '#tea');
  await ann.page.fill('#room', 'new');
  await ann.page.press('#room', 'Enter');
  await ann.sees('#log .text', 'You are in #new. Nobody else is here yet.');
  await ann.page.click('#leave');
  await ann.sees('#log .text', 'You left #new.');
  await ann.says('does anybody hear this?');
  await ann.sees('#wrong', 'You are in no room');
  await ann.close();
});

test('the address names the room', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.open(browser, server, { fragment: '#/plain%2Froom' });
  await ann.knock('ann');
  await ann.sees('#log .text', 'You are in plain/room.');
  await ann.page.evaluate(() => { location.hash = '#tea'; });
  await ann.sees('#log .text', 'You are in #tea.');
  await ann.close();
});

test('private messages go both ways, are counted, and errors come in words', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r');
  joe.send('PRIVMSG ann just for you');
  await joe.hears('OK Sent');
  joe.send('PRIVMSG ann and this');
  const entry = ann.page.locator('#tells button', { hasText: 'joe' });
  await ann.until(() => document.querySelector('#tells .count')?.textContent === '2 unread');
  await ann.until(() => document.title === '(2) joe wrote to you · Parlance');
  await entry.click();
  await ann.sees('#log .text', 'just for you');
  assert.equal(await ann.page.locator('#where').textContent(), 'Private: joe');
  await ann.until(() => document.title === 'joe · Parlance');
  await ann.says('thank you');
  await joe.hears('PRIVMSG ann thank you');
  assert.match(await (await ann.row('thank you')).getAttribute('class'), /own/);
  joe.send('meanwhile in the room');
  await ann.until(() => document.querySelector('#rooms .count')?.textContent === '1 unread');
  joe.send('QUIT');
  await ann.until(() => document.querySelectorAll('#people button').length === 1);
  await ann.says('are you there?');
  await ann.sees('#outbox', 'not sent: Nobody is called joe now.');
  await ann.sees('#wrong', 'Nobody is called joe now.');
  await ann.page.locator('#outbox button', { hasText: 'Drop' }).click();
  await ann.page.locator('#outbox').waitFor({ state: 'hidden' });
  await ann.close();
});

test('a mention stands out, and the title says so while nobody looks', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r');
  await ann.looksAway(true);
  joe.send('anna is not meant');
  joe.send('but ANN is');
  await ann.until(() => document.title === '(2) joe mentioned you · Parlance');
  await ann.looksAway(false);
  await ann.until(() => document.title === '#r · Parlance');
  const row = await ann.row('but ANN is');
  assert.match(await row.getAttribute('class'), /mention/);
  assert.equal(await row.locator('mark').textContent(), 'ANN');
  assert.doesNotMatch(await (await ann.row('anna is not')).getAttribute('class'), /mention/);
  await ann.close();
});

test('the newest row stays in view, unless somebody reads further up', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const viewport = { width: 700, height: 420 };
  const ann = await Person.enter(browser, server, 'ann', '#r', { viewport });
  const isAtEnd = () => ann.page.locator('#scroll').evaluate(
    (node) => node.scrollHeight - node.scrollTop - node.clientHeight < 2);
  joe.send(Array.from({ length: 60 }, (_, at) => `line ${at}.`).join('\n'));
  await ann.sees('#log .text', 'line 59.');
  // What is not delivered is listed below the log, which gets smaller.
  server.freeze();
  await ann.says('hello');
  await ann.sees('#outbox', 'sent, not confirmed yet');
  await ann.page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(resolve); }));
  assert.equal(await isAtEnd(), true);
  server.thaw();
  await ann.page.locator('#outbox').waitFor({ state: 'hidden' });
  assert.equal(await isAtEnd(), true);
  await ann.page.focus('#scroll');
  await ann.page.keyboard.press('Home');
  await ann.until(() => document.getElementById('scroll').scrollTop === 0);
  joe.send('not seen at once');
  await ann.page.locator('#latest').waitFor();
  assert.equal(await isAtEnd(), false);
  await ann.page.click('#latest');
  await ann.page.locator('#latest').waitFor({ state: 'hidden' });
  assert.equal(await isAtEnd(), true);
  await ann.close();
});

test('a name that is taken, or is none, is refused in words at the door', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe');
  const ann = await Person.open(browser, server);
  await ann.knock('joe', '#r');
  await ann.sees('#door-wrong', 'The name joe is taken.');
  await ann.knock('two words');
  await ann.sees('#door-wrong', 'without spaces');
  joe.close();
  await ann.knock('ann');
  await ann.sees('#log .text', 'You are in #r.');
  await ann.page.reload();
  assert.equal(await ann.page.inputValue('#name'), 'ann', 'the name is remembered');
  await ann.close();
});

test('a killed server comes back, and what was typed meanwhile is said', async (context) => {
  const browser = await launch();
  let server = await Server.start();
  context.after(async () => {
    await browser.close();
    await server.kill();
  });
  const { web, channels } = server;
  const ann = await Person.enter(browser, server, 'ann', '#r');
  await ann.says('before');
  await ann.sees('#log .row.own .text', 'before');
  // A frozen server answers nothing: this message is sent, and its fate is not known.
  server.freeze();
  await ann.says('into the void');
  await ann.sees('#outbox', 'sent, not confirmed yet');
  await server.kill();
  await ann.sees('#state', /is lost|closed the connection|cannot be reached/);
  await ann.sees('#outbox', 'it is not known whether this arrived');
  await ann.says('typed while away');
  await ann.sees('#outbox', 'kept; it is sent once you are connected again');
  assert.equal(await ann.page.locator('#retry').isVisible(), true);
  server = await Server.start({ web, channels });
  const joe = await Plain.connect(server, 'joe', '#r');
  await ann.sees('#state', 'Connected as ann');
  await joe.hears('ROOM #r ann typed while away');
  await ann.sees('#log .row.own .text', 'typed while away');
  await ann.sees('#log .text', 'You were away; something said meanwhile may be missing here.');
  await ann.page.locator('#outbox button', { hasText: 'Send again' }).click();
  await joe.hears('ROOM #r ann into the void');
  await ann.page.locator('#outbox').waitFor({ state: 'hidden' });
  await ann.close();
});

test('a message of unknown fate is found in the history, and nothing twice', async (context) => {
  const { server, browser } = await house(context);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r', { wired: true });
  joe.send('heard by both');
  await ann.sees('#log .text', 'heard by both');
  ann.deafen();
  await ann.says('did this arrive?');
  await joe.hears('ROOM #r ann did this arrive?');
  joe.send('it did, ann');
  await joe.hears('ROOM #r joe it did, ann');
  await ann.cut(1001);
  await ann.sees('#log .text', 'The server stopped.');
  await ann.sees('#log .text', 'History: 2 messages, while you were away');
  const said = await ann.page.locator('#log .row:not(.note) .text').allTextContents();
  assert.deepEqual(said, ['heard by both', 'did this arrive?', 'it did, ann']);
  await ann.page.locator('#outbox').waitFor({ state: 'hidden' });
  await ann.close();
});

test('a name that the lost connection still has is claimed until it is free', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r', { wired: true });
  const release = ann.cutFar;
  await ann.cutNear(1001);
  await ann.sees('#state', 'The name ann is taken, perhaps still by your lost connection.');
  await ann.says('meanwhile');
  await release();
  await ann.sees('#log .row.own .text', 'meanwhile');
  await ann.close();
});

test('a server that does not answer for 20 s is given up', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r', { clock: true });
  server.freeze();
  await ann.says('hello?');
  await ann.page.clock.fastForward(19_000);
  assert.equal(await ann.page.locator('#state').textContent(), 'Connected as ann');
  await ann.page.clock.fastForward(2_000);
  await ann.sees('#log .text', 'The server has not answered for 20 s.');
  await ann.sees('#outbox', 'it is not known whether this arrived');
  server.thaw();
  await ann.page.clock.fastForward(31_000);
  await ann.sees('#state', 'Connected as ann');
  await ann.close();
});

test('rooms that others open are found within half a minute', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r', { clock: true });
  await Plain.connect(server, 'joe', '#new');
  await ann.page.clock.fastForward(31_000);
  await ann.sees('#rooms button', '#new');
  await ann.close();
});

test('pauses between connections grow up to half a minute', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r', { clock: true });
  await server.kill();
  const pauses = [];
  for (let tries = 0; tries < 9; tries += 1) {
    const clock = await ann.sees('#clock', 'Trying again in');
    pauses.push(Number(/\d+/.exec(await clock.textContent())[0]));
    await ann.page.locator('#retry').waitFor();
    await ann.page.clock.fastForward(30_001);
    await ann.sees('#state', 'cannot be reached');
  }
  assert.ok(pauses[0] <= 1, `${pauses}`);
  assert.ok(pauses.every((pause) => pause <= 30), `${pauses}`);
  assert.ok(pauses.at(-1) >= 15, `${pauses}`);
  await ann.close();
});

test('the end of a connection is told in words', async (context) => {
  const { server, browser } = await house(context);
  const ann = await Person.enter(browser, server, 'ann', '#r', { wired: true });
  for (const [code, words] of [
    [1000, 'The server closed the connection.'],
    [1001, 'The server stopped.'],
    [1008, 'The server closed the connection, because this page read too slowly.'],
    [1009, 'The server closed the connection, because a message was too long.'],
    [1013, 'The server is full.'],
  ]) {
    await ann.cut(code);
    await ann.sees('#log .text', words);
    await ann.page.evaluate(() => document.getElementById('retry').click());
    await ann.sees('#state', 'Connected as ann');
  }
  await ann.close();
});

test('a server that stops, and one that is full, say so', async (context) => {
  const { server, browser } = await house(context, ['--clients-max', '2']);
  const joe = await Plain.connect(server, 'joe', '#r');
  const ann = await Person.enter(browser, server, 'ann', '#r');
  // The page is a client of the same service; a third one is over the limit.
  const bob = await Person.open(browser, server);
  await bob.knock('bob', '#r');
  await bob.sees('#door-wrong', 'The server is full.');
  joe.close();
  await ann.sees('#log .text', 'joe left');
  await bob.knock('bob');
  await bob.sees('#log .text', 'You are in #r. Also here: ann.');
  server.stop();
  for (const one of [ann, bob]) {
    await one.sees('#log .text', 'The server stopped.');
    await one.sees('#state', 'The server');
    await one.close();
  }
});
