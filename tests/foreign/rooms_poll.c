/* A chat server for rooms: one process, one thread, poll(). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CLIENTS 1000
#define MAX_LINE 20000
#define NAME 20

struct client {
    int fd; /* -1: this slot is free */
    int joined;
    char room[NAME + 1];
    char name[NAME + 1];
    char line[MAX_LINE + 1];
    size_t length;
};

static struct client clients[MAX_CLIENTS];

static void stop(int signal) {
    (void)signal;
    _exit(0);
}

static void say(struct client *client, const char *text) {
    send(client->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void say_to_room(const char *room, const char *text) {
    for (int i = 0; i < MAX_CLIENTS; i++)
        if (clients[i].fd >= 0 && clients[i].joined && strcmp(clients[i].room, room) == 0)
            say(&clients[i], text);
}

static void leave(struct client *client) {
    char text[NAME + 20];
    int joined = client->joined;
    client->joined = 0;
    close(client->fd);
    client->fd = -1;
    if (joined) {
        snprintf(text, sizeof text, "%s has left\n", client->name);
        say_to_room(client->room, text);
    }
}

static void refuse(struct client *client) {
    char rest[4096];
    say(client, "ERROR\n");
    shutdown(client->fd, SHUT_WR);
    while (recv(client->fd, rest, sizeof rest, MSG_DONTWAIT) > 0)
        ;
    leave(client);
}

static void handle(struct client *client, char *line) {
    static char text[MAX_LINE + NAME + 10];
    if (client->joined) {
        snprintf(text, sizeof text, "%s: %s\n", client->name, line);
        say_to_room(client->room, text);
        return;
    }
    if (strncasecmp(line, "JOIN ", 5) != 0 || sscanf(line + 5, "%20s %20s", client->room, client->name) != 2) {
        refuse(client);
        return;
    }
    client->joined = 1;
    snprintf(text, sizeof text, "%s has joined\n", client->name);
    say_to_room(client->room, text);
}

static void receive(struct client *client) {
    ssize_t got = recv(client->fd, client->line + client->length, MAX_LINE - client->length, 0);
    if (got <= 0) {
        leave(client);
        return;
    }
    client->length += got;
    char *begin = client->line, *end;
    while ((end = memchr(begin, '\n', client->line + client->length - begin)) != NULL) {
        *end = '\0';
        if (end > begin && end[-1] == '\r')
            end[-1] = '\0';
        handle(client, begin);
        if (client->fd < 0)
            return;
        begin = end + 1;
    }
    client->length -= begin - client->line;
    memmove(client->line, begin, client->length);
    if (client->length == MAX_LINE) {
        int was_member = client->joined;
        client->joined = 0;
        refuse(client);
        if (was_member) {
            char text[NAME + 20];
            snprintf(text, sizeof text, "%s has left\n", client->name);
            say_to_room(client->room, text);
        }
    }
}

static void welcome(int listener) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    for (int i = 0; i < MAX_CLIENTS; i++) {
        if (clients[i].fd < 0) {
            clients[i].fd = fd;
            clients[i].joined = 0;
            clients[i].length = 0;
            return;
        }
    }
    close(fd);
}

static int port_of(const char *text) {
    char *end;
    long port = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || port < 1 || port > 65535) {
        fprintf(stderr, "bad port: %s\n", text);
        exit(2);
    }
    return (int)port;
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons(argc > 1 ? port_of(argv[1]) : 1234);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 128) < 0) {
        perror("listen");
        return 1;
    }
    signal(SIGTERM, stop);
    for (int i = 0; i < MAX_CLIENTS; i++)
        clients[i].fd = -1;
    for (;;) {
        static struct pollfd polled[MAX_CLIENTS + 1];
        polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < MAX_CLIENTS; i++)
            polled[i + 1] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
        if (poll(polled, MAX_CLIENTS + 1, -1) < 0)
            continue;
        for (int i = 0; i < MAX_CLIENTS; i++)
            if (polled[i + 1].revents && clients[i].fd == polled[i + 1].fd)
                receive(&clients[i]);
        if (polled[0].revents)
            welcome(listener);
    }
}
