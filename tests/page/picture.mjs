// Takes the picture of the README: a real conversation between two browsers and a plain client.
//
//     node picture.mjs FILE

import { launch, Person, Plain, Server } from './support.mjs';

const [browser, server] = await Promise.all([launch(), Server.start()]);
const joe = await Plain.connect(server, 'joe', '#general');
const kit = await Plain.connect(server, 'kit', '#tea');
joe.send('Anybody awake? I am on plain nc here.');
joe.send('The kettle is on, see http://kettle.example/');
await joe.hears(/kettle\.example/);
const viewport = { width: 900, height: 600 };
const ann = await Person.enter(browser, server, 'ann', '#general', { viewport });
const bob = await Person.enter(browser, server, 'bob', '#general');
for (const [who, words] of [
  [ann, 'Good morning! I am in a browser and have installed nothing.'],
  [bob, 'So am I. ann, do you see my messages at once?'],
  [ann, 'Yes, and so does joe in his terminal.'],
]) {
  await who.says(words);
  await joe.hears(new RegExp(words.replace(/[.?!]/g, '\\$&')));
}
joe.send('I do: every line of both of you');
await bob.sees('#log .text', 'I do: every line');
await bob.says('שלום from the other side, too');
joe.send('PRIVMSG ann psst, tea or coffee?');
await joe.hears('OK Sent');
joe.send(Buffer.from('a bell \x07 and \u202emischief\u202c'));
await ann.sees('#log .text', 'mischief');
await ann.sees('#tells button', 'joe');
await ann.page.fill('#text', 'Then I put the kettle on agai');
await ann.page.screenshot({ path: process.argv[2] });
kit.close();
joe.close();
await browser.close();
await server.kill();
