/* Loaded before libc (LD_PRELOAD): lets calls on files of a data directory fail, as a broken or full disk would.
 *
 * $ZOOID_FAULT names a file. While it is there, each of its lines "<call> <errno> <part of the path>" makes that call fail
 * with that errno on every path that contains both version-2 and the part. Calls: write, sync, create, rename, unlink.
 * A write to a descriptor with O_DSYNC is a write and a sync: it writes, and then fails where a sync would.
 * Compiled by disk-shim.ts when a test runs; nothing of it is part of the server. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int fault(const char *call, const char *path) {
  const char *control = getenv("ZOOID_FAULT");
  char text[1024], name[32], part[256];
  int number;
  if (!control || !strstr(path, "version-2")) return 0;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  if (length <= 0) return 0;
  text[length] = 0;
  for (char *line = text, *next; line && *line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    if (sscanf(line, "%31s %d %255s", name, &number, part) == 3 && !strcmp(name, call) && strstr(path, part)) return number;
  }
  return 0;
}

static int fault_of(const char *call, int fd) {
  char link[64], path[1024];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (length <= 0) return 0;
  path[length] = 0;
  return fault(call, path);
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAIL_IF(expression) do { int number = (expression); if (number) { errno = number; return -1; } } while (0)

static ssize_t synced(int fd, ssize_t written) {
  if (written < 0 || !(fcntl(fd, F_GETFL) & O_DSYNC)) return written;
  FAIL_IF(fault_of("sync", fd));
  return written;
}

ssize_t write(int fd, const void *bytes, size_t n) { REAL(write); FAIL_IF(fault_of("write", fd)); return synced(fd, real(fd, bytes, n)); }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { REAL(pwrite); FAIL_IF(fault_of("write", fd)); return synced(fd, real(fd, bytes, n, at)); }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { REAL(pwrite64); FAIL_IF(fault_of("write", fd)); return synced(fd, real(fd, bytes, n, at)); }
ssize_t writev(int fd, const struct iovec *parts, int n) { REAL(writev); FAIL_IF(fault_of("write", fd)); return synced(fd, real(fd, parts, n)); }
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at) { REAL(pwritev); FAIL_IF(fault_of("write", fd)); return synced(fd, real(fd, parts, n, at)); }
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at) { REAL(pwritev64); FAIL_IF(fault_of("write", fd)); return synced(fd, real(fd, parts, n, at)); }
int fsync(int fd) { REAL(fsync); FAIL_IF(fault_of("sync", fd)); return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); FAIL_IF(fault_of("sync", fd)); return real(fd); }
int rename(const char *from, const char *to) { REAL(rename); FAIL_IF(fault("rename", to)); return real(from, to); }
int unlink(const char *path) { REAL(unlink); FAIL_IF(fault("unlink", path)); return real(path); }

static int opened(const char *path, int flags) { return flags & O_CREAT ? fault("create", path) : 0; }
#define MODE va_list list; va_start(list, flags); int mode = flags & O_CREAT ? va_arg(list, int) : 0; va_end(list)
int open(const char *path, int flags, ...) { REAL(open); MODE; FAIL_IF(opened(path, flags)); return real(path, flags, mode); }
int open64(const char *path, int flags, ...) { REAL(open64); MODE; FAIL_IF(opened(path, flags)); return real(path, flags, mode); }
