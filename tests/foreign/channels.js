// A chat server with channels, private messages and lists.
const net = require('net');

const argument = process.argv[2] === '-p' ? process.argv[3] : process.argv[2] || '9999';
if (!/^[0-9]{1,5}$/.test(argument) || Number(argument) < 1 || Number(argument) > 65535) {
  console.error(`bad port: ${argument}`);
  process.exit(2);
}

const users = new Map(); // name -> user
const rooms = new Map(); // room -> array of users, in order of joining
const NAME = /^[!-~]{1,31}$/;

class User {
  constructor(socket) {
    this.socket = socket;
    this.name = null;
    this.room = null;
    this.buffer = '';
  }

  say(line) {
    this.socket.write(line + '\r\n');
  }

  receive(data) {
    this.buffer += data;
    const lines = this.buffer.split('\n');
    this.buffer = lines.pop();
    for (const line of lines) {
      this.obey(line.replace(/\r$/, ''));
    }
  }

  obey(line) {
    const [word, ...rest] = line.split(/\s+/);
    const text = rest.join(' ');
    const slash = { '/join': 'JOIN', '/leave': 'LEAVE', '/msg': 'PRIVMSG', '/rooms': 'ROOMS', '/users': 'USERS', '/quit': 'QUIT' };
    const command = slash[word] || word;
    if (line.startsWith('/') && !slash[word]) return this.say('ERROR Unknown command');
    if (command === 'QUIT' && !text) return this.quit();
    if (command === 'USERNAME') return this.login(text);
    if (this.name === null) return this.say('ERROR Username required');
    if (command === 'JOIN') return this.join(text);
    if (command === 'PRIVMSG') return this.whisper(rest[0], rest.slice(1).join(' '));
    if (command === 'ROOMS' && !text) return this.say(['ROOMLIST', ...[...rooms.keys()].sort()].join(' '));
    if (this.room === null) return this.say('ERROR Not in a room');
    if (command === 'USERS' && !text) {
      return this.say('USERLIST ' + rooms.get(this.room).map((user) => user.name).join(' '));
    }
    if (command === 'LEAVE' && !text) {
      const room = this.room;
      this.leave();
      return this.say(`OK Left ${room}`);
    }
    const message = command === 'MSG' ? text : [word, ...rest].join(' ');
    if (!message) return this.say('ERROR Empty message');
    this.tell(`ROOM ${this.room} ${this.name} ${message}`);
  }

  tell(line) {
    for (const user of rooms.get(this.room)) user.say(line);
  }

  login(name) {
    if (this.name !== null) return this.say('ERROR Already named');
    if (!NAME.test(name)) return this.say('ERROR Invalid username');
    if (users.has(name)) return this.say('ERROR Username taken');
    this.name = name;
    users.set(name, this);
    this.say(`OK Welcome, ${name}!`);
  }

  join(room) {
    if (!NAME.test(room)) return this.say('ERROR Invalid room');
    if (room === this.room) return this.say(`ERROR Already in ${room}`);
    this.leave();
    const members = rooms.get(room) || [];
    this.say(`OK Joined ${room} (${members.length} users)`);
    for (const user of members) {
      this.say(`JOIN ${room} ${user.name}`);
      user.say(`JOIN ${room} ${this.name}`);
    }
    rooms.set(room, [...members, this]);
    this.room = room;
  }

  leave() {
    if (this.room === null) return;
    const room = this.room;
    const members = rooms.get(room).filter((user) => user !== this);
    this.room = null;
    rooms.set(room, members);
    for (const user of members) user.say(`LEAVE ${room} ${this.name}`);
  }

  whisper(name, text) {
    const target = users.get(name);
    if (!target) return this.say('ERROR User not found');
    if (!text) return this.say('ERROR Empty message');
    target.say(`PRIVMSG ${this.name} ${text}`);
    this.say('OK Sent');
  }

  quit() {
    this.depart();
    this.say('OK Goodbye!');
    this.socket.end();
  }

  depart() {
    if (this.name !== null) users.delete(this.name);
    this.leave();
  }
}

const server = net.createServer((socket) => {
  const user = new User(socket);
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.setDefaultEncoding('latin1');
  socket.on('data', (data) => user.receive(data));
  socket.on('error', () => {});
  socket.on('close', () => user.depart());
});

process.on('SIGTERM', () => process.exit(0));
server.listen(Number(argument));
