import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A chat server with rooms; each client has a thread of its own. */
public class RoomServer {
    private static final int MAX_LINE = 20000;
    private final Map<String, List<Client>> rooms = new HashMap<>();

    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? parsePort(args[0]) : 1234;
        new RoomServer().run(port);
    }

    private static int parsePort(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        System.err.println("Invalid port: " + text);
        System.exit(2);
        return 0;
    }

    private void run(int port) throws IOException {
        // SIGTERM is a normal end.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(0)));
        try (ServerSocket listener = new ServerSocket(port, 200)) {
            while (true) {
                Socket socket = listener.accept();
                new Thread(new Client(socket)).start();
            }
        }
    }

    private synchronized void join(Client client) {
        rooms.computeIfAbsent(client.room, name -> new ArrayList<>()).add(client);
        broadcast(client.room, client.name + " has joined");
    }

    private synchronized void leave(Client client) {
        List<Client> members = rooms.get(client.room);
        if (members == null || !members.remove(client)) {
            return;
        }
        if (members.isEmpty()) {
            rooms.remove(client.room);
        } else {
            broadcast(client.room, client.name + " has left");
        }
    }

    private synchronized void broadcast(String room, String line) {
        for (Client member : rooms.getOrDefault(room, List.of())) {
            member.send(line);
        }
    }

    private class Client implements Runnable {
        private final Socket socket;
        private String room = "";
        private String name = "";

        Client(Socket socket) {
            this.socket = socket;
        }

        void send(String line) {
            try {
                OutputStream out = socket.getOutputStream();
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            } catch (IOException e) {
                // The reader notices that the client is gone.
            }
        }

        @Override
        public void run() {
            try (socket) {
                socket.setTcpNoDelay(true);
                BufferedReader reader = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                String line = reader.readLine();
                if (line == null) {
                    return;
                }
                if (!isJoin(line)) {
                    refuse();
                    return;
                }
                join(this);
                while ((line = reader.readLine()) != null) {
                    if (line.length() >= MAX_LINE) {
                        leave(this);
                        refuse();
                        return;
                    }
                    broadcast(room, name + ": " + line);
                }
            } catch (IOException e) {
                System.err.println("lost a client: " + e.getMessage());
            } finally {
                leave(this);
            }
        }

        private boolean isJoin(String line) {
            String[] parts = line.split(" ", -1);
            if (parts.length != 3 || !parts[0].equalsIgnoreCase("JOIN")) {
                return false;
            }
            room = parts[1];
            name = parts[2];
            return room.matches("[!-~]{1,20}") && name.matches("[!-~]{1,20}");
        }

        private void refuse() throws IOException {
            send("ERROR");
            socket.shutdownOutput();
            socket.setSoTimeout(1000);
            byte[] rest = new byte[4096];
            int total = 0;
            int got;
            while (total < 1 << 20 && (got = socket.getInputStream().read(rest)) > 0) {
                total += got;
            }
        }
    }
}
