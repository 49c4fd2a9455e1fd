// What a packet's way costs: both ends of a TCP connection in one thread, so that nothing is woken and nothing waits, and the thread's
// own time is all there is. Many short turns; in each round every way has one, another way first each time, with a new connection.
// The time is the thread's CPU time: on a busy machine too. A kernel that accounts interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING) would
// take most of it away: then the program ends with an error.
// usage: pathcost ROUNDS TRANSACTIONS MEGABYTES (NAME FROM TO ADDRESS)...     FROM and TO: files of network namespaces
// prints for each way {"name":…,"transaction_ns":[…],"megabyte_ns":[…]}, one figure a round
// build: cc -O2 -o pathcost pathcost.c
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (128 << 10)
struct way { char *name, *from, *to, *address; double *transaction, *megabyte; int a, b; };
static char buffer[CHUNK];
static double quickest = 1e18, quickest_cpu;

static void fail(const char *what) { perror(what); exit(1); }
static double clock_ns(clockid_t id) { struct timespec t; clock_gettime(id, &t); return t.tv_sec * 1e9 + t.tv_nsec; }

static int socket_in(const char *space) {
  int fd = open(space, O_RDONLY | O_CLOEXEC), one = 1;
  if (fd < 0 || setns(fd, CLONE_NEWNET)) fail(space);
  close(fd);
  if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd; }

static void join(struct way *w) {
  struct linger now = { 1, 0 }; // no TIME_WAIT: thousands of connections come and go
  struct sockaddr_in at = { .sin_family = AF_INET }; socklen_t n = sizeof at;
  int door = socket_in(w->to);
  if (bind(door, (void *)&at, sizeof at) || listen(door, 1) || getsockname(door, (void *)&at, &n)) fail("listen");
  if (inet_pton(AF_INET, w->address, &at.sin_addr) != 1) { fprintf(stderr, "pathcost: %s is no IPv4 address\n", w->address); exit(2); }
  w->a = socket_in(w->from);
  if (connect(w->a, (void *)&at, sizeof at)) fail(w->name);
  if ((w->b = accept(door, NULL, NULL)) < 0) fail("accept"); // has the door's TCP_NODELAY
  setsockopt(w->a, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(door); }

static void exchange(struct way *w) {
  char x = 'x';
  if (write(w->a, &x, 1) != 1 || read(w->b, &x, 1) != 1 || write(w->b, &x, 1) != 1 || read(w->a, &x, 1) != 1) fail("exchange"); }

static void stream(struct way *w, long bytes) {
  long sent = 0, got = 0; ssize_t n;
  while (got < bytes) {
    int idle = 1;
    if (sent < bytes && (n = send(w->a, buffer, bytes - sent < CHUNK ? bytes - sent : CHUNK, MSG_DONTWAIT)) > 0) sent += n, idle = 0;
    while ((n = recv(w->b, buffer, CHUNK, MSG_DONTWAIT)) > 0) got += n, idle = 0;
    if (n == 0 || (n < 0 && errno != EAGAIN)) fail("stream");
    if (idle) sched_yield(); } }

static double timed(struct way *w, int transactions, long bytes) {
  double wall = clock_ns(CLOCK_MONOTONIC), cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < transactions; i++) exchange(w);
  if (bytes) stream(w, bytes);
  cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu; wall = clock_ns(CLOCK_MONOTONIC) - wall;
  if (wall < quickest) quickest = wall, quickest_cpu = cpu;
  return cpu; }

static void print(const char *key, double *all, int rounds) {
  printf(",\"%s\":[", key);
  for (int i = 0; i < rounds; i++) printf("%s%.1f", i ? "," : "", all[i]);
  printf("]"); }

int main(int argc, char **argv) {
  int ways = (argc - 4) / 4;
  if (argc < 8 || (argc - 4) % 4) { fprintf(stderr, "usage: pathcost ROUNDS TRANSACTIONS MEGABYTES (NAME FROM TO ADDRESS)...\n"); return 2; }
  int rounds = atoi(argv[1]), transactions = atoi(argv[2]); long megabytes = atol(argv[3]);
  struct way *all = calloc(ways, sizeof *all);
  for (int i = 0; i < ways; i++) {
    char **a = argv + 4 + 4 * i;
    all[i] = (struct way){ a[0], a[1], a[2], a[3], calloc(rounds, sizeof(double)), calloc(rounds, sizeof(double)) }; }
  for (int round = 0; round < rounds; round++) {
    for (int turn = 0; turn < ways; turn++) {
      struct way *w = all + (turn + round) % ways;
      join(w);
      timed(w, 50, 1 << 20); // caches, window
      w->transaction[round] = timed(w, transactions, 0) / transactions;
      w->megabyte[round] = timed(w, 0, megabytes << 20) / megabytes;
      close(w->a); close(w->b); } }
  if (quickest_cpu < 0.8 * quickest) {
    fprintf(stderr, "pathcost: of the quickest turn's %.0f ns only %.0f were the thread's: this kernel accounts interrupts apart\n", quickest, quickest_cpu);
    return 1; }
  for (int i = 0; i < ways; i++) {
    printf("{\"name\":\"%s\"", all[i].name);
    print("transaction_ns", all[i].transaction, rounds); print("megabyte_ns", all[i].megabyte, rounds);
    printf("}\n"); }
  return 0; }
