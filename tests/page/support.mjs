// A server, browsers and plain clients for the tests of the page. Nothing here waits for time to
// pass: each wait is for a state, and fails after DEADLINE.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const DEADLINE = Number(process.env.PARLANCE_PAGE_DEADLINE ?? 20_000);
const PROGRAM = process.env.PARLANCE_PAGE_PROGRAM;
const CHROMIUM = process.env.PARLANCE_PAGE_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Gives the browser the page in this file in place of the server's. */
const INSTEAD = process.env.PARLANCE_PAGE_FILE;

/** The answer of a server with another page. */
function instead() {
  const body = readFileSync(INSTEAD, 'utf8');
  const hash = (element) => {
    const [, text] = new RegExp(`<${element}[^>]*>([^]*?)</${element}>`).exec(body);
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  return {
    body,
    contentType: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy': `default-src 'none'; script-src ${hash('script')}; `
        + `style-src ${hash('style')}; connect-src 'self'; img-src data:`,
    },
  };
}

/** Fails with `what` if `promise` does not settle in time. */
function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`too late: ${what}`)), DEADLINE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The daemon, with the page on `web` and the dialect on `channels`; 0 is any free port. */
export class Server {
  static async start({ web = 0, channels = 0, options = [] } = {}) {
    const server = new Server();
    const listen = [`http://127.0.0.1:${web}`, `channels://127.0.0.1:${channels}`];
    const all = [...listen.flatMap((one) => ['--listen', one]), ...options];
    server.process = spawn(PROGRAM, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    server.ended = new Promise((resolve) => { server.process.once('exit', resolve); });
    const ports = new Promise((resolve, reject) => {
      server.ended.then(() => reject(new Error('the server ended')));
      createInterface(server.process.stdout).on('line', (line) => {
        const [, port, name] = /:(\d+) \(([a-z]+)\)/.exec(line) ?? [];
        if (name === 'http') server.web = Number(port);
        if (name === 'channels') server.channels = Number(port);
        if (server.web && server.channels) resolve();
      });
    });
    await within(ports, 'the server listens');
    return server;
  }

  /** Ends it at once; its clients are told nothing. */
  async kill() {
    this.process.kill('SIGKILL');
    await within(this.ended, 'the server is gone');
  }

  /** Asks it to end in order. */
  stop() { this.process.kill('SIGTERM'); }

  /** Suspends it: what is sent to it has no answer. */
  freeze() { this.process.kill('SIGSTOP'); }

  /** Lets it go on. */
  thaw() { this.process.kill('SIGCONT'); }

  url(fragment = '') { return `http://127.0.0.1:${this.web}/${fragment}`; }
}

/** A client as `nc` is one: bytes to a port, and lines from it. */
export class Plain {
  static async connect(server, name, room) {
    const plain = new Plain();
    plain.socket = net.connect(server.channels, '127.0.0.1');
    plain.socket.setNoDelay(true).setEncoding('latin1');
    plain.socket.on('error', () => {});
    plain.lines = [];
    plain.woken = () => {};
    let rest = '';
    plain.socket.on('data', (data) => {
      const all = (rest + data).split('\r\n');
      rest = all.pop();
      plain.lines.push(...all);
      plain.woken();
    });
    plain.send(`USERNAME ${name}`);
    await plain.hears(`OK Welcome, ${name}!`);
    if (room) {
      plain.send(`JOIN ${room}`);
      await plain.hears(new RegExp(`^OK Joined ${room} `));
    }
    return plain;
  }

  /** Sends a line: a string, or bytes. */
  send(line) { this.socket.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')])); }

  /** Waits for a line, which is taken with all before it. Text beyond ASCII arrives as bytes. */
  async hears(wanted) {
    const is = (line) => typeof wanted === 'string' ? line === wanted : wanted.test(line);
    const look = async () => {
      for (;;) {
        const at = this.lines.findIndex(is);
        if (at >= 0) return this.lines.splice(0, at + 1).at(-1);
        await new Promise((resolve) => { this.woken = resolve; });
      }
    };
    const before = this.lines.slice(-5).join(' | ');
    return within(look(), `${wanted} comes; not looked at before: ${before}`);
  }

  close() { this.socket.destroy(); }
}

export const launch = () => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** A person with a browser of their own. */
export class Person {
  static async open(browser, server, options = {}) {
    const { fragment = '', wired = false, clock = false, ...context } = options;
    const person = new Person();
    const viewport = { width: 1000, height: 640 };
    person.context = await browser.newContext({ viewport, ...context });
    person.page = await person.context.newPage();
    person.page.setDefaultTimeout(DEADLINE);
    person.faults = [];
    person.page.on('pageerror', (error) => person.faults.push(String(error)));
    person.page.on('console', (message) => {
      // A server that is gone refuses connections, which the browser reports by itself.
      const allowed = /WebSocket connection to .* failed|favicon/.test(
        message.text() + message.location().url);
      if (message.type() === 'error' && !allowed) person.faults.push(message.text());
    });
    if (INSTEAD) await person.page.route(server.url(), (route) => route.fulfill(instead()));
    // The page's time can then be moved on.
    if (clock) await person.page.clock.install();
    if (wired) await person.wire();
    await person.page.goto(server.url(fragment));
    return person;
  }

  /** Puts a wire between page and server, which can be cut. */
  async wire() {
    await this.page.routeWebSocket('**/ws/channels', (near) => {
      const far = near.connectToServer();
      let deaf = false;
      near.onMessage((message) => far.send(message));
      // Without this the end of one side would be that of the other.
      near.onClose(() => {});
      far.onMessage((message) => { if (!deaf) near.send(message); });
      /** From now on nothing comes to the page. */
      this.deafen = () => { deaf = true; };
      /** Ends the connection for the page, with this code, and for the server. */
      this.cutNear = (code) => near.close({ code });
      this.cutFar = () => far.close();
    });
  }

  /** Ends the connection on both sides; the page is given `code`. */
  cut(code) { return Promise.all([this.cutNear(code), this.cutFar()]); }

  static async enter(browser, server, name, room, options = {}) {
    const person = await Person.open(browser, server, options);
    await person.knock(name, room);
    await person.sees('#log .text', `You are in ${room}.`);
    return person;
  }

  /** Fills the form at the door. */
  async knock(name, room) {
    await this.page.fill('#name', name);
    if (room !== undefined) await this.page.fill('#first', room);
    await this.page.press('#name', 'Enter');
  }

  async says(words) {
    await this.page.fill('#text', words);
    await this.page.press('#text', 'Enter');
  }

  /** Waits for an element of `selector` with `words` in it; returns its locator. */
  async sees(selector, words) {
    const found = this.page.locator(selector).filter({ hasText: words }).last();
    await found.waitFor({ state: 'attached' });
    return found;
  }

  /** Waits until a function of the page is true. */
  until(is, argument) { return this.page.waitForFunction(is, argument, { timeout: DEADLINE }); }

  /** The row of the log with `words`: its classes and its text. */
  async row(words) {
    const row = this.page.locator('#log .row').filter({ hasText: words }).last();
    await row.waitFor();
    return row;
  }

  /** Leaves, and fails if the browser had anything to complain about. */
  async close() {
    assert.deepEqual(this.faults, [], 'errors of the page');
    await this.context.close();
  }

  /** Pretends that the page is in a tab behind others, or that it is looked at again. */
  async looksAway(away) {
    await this.page.evaluate((isAway) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: isAway });
      document.dispatchEvent(new Event('visibilitychange'));
    }, away);
  }

  /** Pastes `words` into the field of messages. */
  async pastes(words) {
    await this.page.focus('#text');
    await this.page.evaluate((content) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', content);
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(event);
    }, words);
  }
}

/** A server and a browser, for as long as a test runs. */
export async function house(context, options = []) {
  const [server, browser] = await Promise.all([Server.start({ options }), launch()]);
  context.after(async () => {
    await browser.close();
    await server.kill();
  });
  return { server, browser };
}
