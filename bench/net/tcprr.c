// TCP request/response: one byte there, one byte back, one connection, no delay: what netperf calls TCP_RR.
// usage: tcprr -s PORT                     serves one client after the other until killed
//        tcprr -c ADDRESS PORT SECONDS     prints {"per_s":…,"p50_us":…,"p99_us":…}
// build: cc -O2 -o tcprr tcprr.c
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
static int order(const void *a, const void *b) { float x = *(float *)a, y = *(float *)b; return x < y ? -1 : x > y; }
static void no_delay(int fd) { int one = 1; setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); }
static int fail(const char *what) { perror(what); return 1; }

int main(int argc, char **argv) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = { .sin_family = AF_INET };
  char byte = 'x';
  if (argc == 3 && !strcmp(argv[1], "-s")) {
    a.sin_port = htons(atoi(argv[2]));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (void *)&a, sizeof a) || listen(fd, 4)) return fail("listen");
    for (;;) {
      int client = accept(fd, NULL, NULL); if (client < 0) return fail("accept");
      no_delay(client);
      while (read(client, &byte, 1) == 1 && write(client, &byte, 1) == 1) { }
      close(client); } }
  if (argc != 5 || strcmp(argv[1], "-c")) { fprintf(stderr, "usage: tcprr -s PORT | tcprr -c ADDRESS PORT SECONDS\n"); return 2; }
  a.sin_port = htons(atoi(argv[3]));
  if (inet_pton(AF_INET, argv[2], &a.sin_addr) != 1) { fprintf(stderr, "tcprr: %s is no IPv4 address\n", argv[2]); return 2; }
  if (connect(fd, (void *)&a, sizeof a)) return fail("connect");
  no_delay(fd);
  size_t room = 1 << 20, n = 0; float *took = malloc(room * sizeof *took);
  double start = now(), last = start, until = start + atof(argv[4]) * 1e6;
  while (last < until) {
    if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) return fail("exchange");
    double t = now();
    if (n == room) took = realloc(took, (room *= 2) * sizeof *took);
    took[n++] = t - last; last = t; }
  qsort(took, n, sizeof *took, order);
  printf("{\"per_s\":%.0f,\"p50_us\":%.2f,\"p99_us\":%.2f}\n", n / ((last - start) / 1e6), took[n / 2], took[n * 99 / 100]);
  return 0;
}
