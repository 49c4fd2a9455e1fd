// Runs a command in a mount namespace of its own with N more mounts, as a node with many pods has them.
// usage: manymounts N FOLDER COMMAND [ARG...]      FOLDER is an empty one; nothing is left in it
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *what) { perror(what); return 1; }

int main(int argc, char **argv) {
  if (argc < 4) { fprintf(stderr, "usage: manymounts N FOLDER COMMAND [ARG...]\n"); return 2; }
  if (unshare(CLONE_NEWNS)) return fail("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return fail("make / private");
  if (mount("none", argv[2], "tmpfs", 0, NULL)) return fail("tmpfs");
  for (int i = 0; i < atoi(argv[1]); i++) {
    char path[4096]; snprintf(path, sizeof path, "%s/%d", argv[2], i);
    if (mkdir(path, 0700) || mount(argv[2], path, NULL, MS_BIND, NULL)) return fail(path); }
  execvp(argv[3], argv + 3);
  return fail(argv[3]);
}
