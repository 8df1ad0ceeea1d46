// A chat with one room: the first line is your name, every other goes to all.
const net = require('net');

const port = Number(process.argv[2] || 1235);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error(`bad port: ${process.argv[2]}`);
  process.exit(2);
}

const sockets = new Set();

function broadcast(line) {
  for (const socket of sockets) {
    socket.write(line + '\n');
  }
}

const server = net.createServer((socket) => {
  let name = null;
  socket.setNoDelay(true);
  socket.setEncoding('utf8');
  sockets.add(socket);

  socket.on('data', (data) => {
    const line = data.replace(/\r?\n$/, '');
    if (name !== null) {
      broadcast(`${name}:${line}`);
      return;
    }
    if (!/^[!-9;-~]{1,64}$/.test(line)) {
      sockets.delete(socket);
      socket.end();
      return;
    }
    name = line;
  });

  socket.on('close', () => {
    sockets.delete(socket);
  });
});

process.on('SIGTERM', () => process.exit(0));
server.listen(port, () => console.log(`listening on ${port}`));
