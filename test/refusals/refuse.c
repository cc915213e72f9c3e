// Refuses one system call of a process, as a disk, a limit or a lack of memory would. To be preloaded (LD_PRELOAD) into a command. Its
// workers inherit it.
//
// REFUSE="role call errno nth times path": in the driver or in a worker (`driver`, `worker`), of the calls with this name whose path
// contains `path` (`*`: any), the nth fails with errno. `times` is `once` (over all processes) or `ever` (this and all later calls).
// REFUSE_MARK names a file that is created when a call has been refused.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char role[16], refused_call[32], times[8], fragment[256];
static int refused_errno, nth, is_on;
static int seen;
static __thread int is_inside;

static int is_worker(void) {
  char line[8192];
  int fd = open("/proc/self/cmdline", O_RDONLY);
  ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
  if (fd >= 0) close(fd);
  for (ssize_t at = 0; at < length; at++)
    if (line[at] == '\0') line[at] = ' ';
  line[length > 0 ? length : 0] = '\0';
  return strstr(line, "/worker/main") != NULL;
}

__attribute__((constructor)) static void begin(void) {
  const char *spec = getenv("REFUSE");
  if (spec == NULL) return;
  is_inside = 1;
  int count = sscanf(spec, "%15s %31s %d %d %7s %255[^\n]", role, refused_call, &refused_errno, &nth, times, fragment);
  is_on = count == 6 && (strcmp(role, "worker") == 0) == is_worker();
  is_inside = 0;
}

/** Whether this refusal is the first of all processes, or one of many. */
static int may_refuse(void) {
  const char *mark = getenv("REFUSE_MARK");
  if (mark == NULL) return 0;
  int isOnce = strcmp(times, "once") == 0;
  int fd = open(mark, O_WRONLY | O_CREAT | (isOnce ? O_EXCL : 0), 0644);
  if (fd < 0) return 0;
  close(fd);
  return 1;
}

static int concerns(const char *path, int fd) {
  if (strcmp(fragment, "*") == 0) return 1;
  if (path != NULL && path[0] == '/') return strstr(path, fragment) != NULL;
  char link[64], target[4096];
  snprintf(link, sizeof link, path == NULL ? "/proc/self/fd/%d" : "/proc/self/cwd", fd);
  ssize_t length = readlink(link, target, sizeof target - 1);
  if (length < 0) return 0;
  target[length] = '\0';
  if (path != NULL) {
    strncat(target, "/", sizeof target - strlen(target) - 1);
    strncat(target, path, sizeof target - strlen(target) - 1);
  }
  return strstr(target, fragment) != NULL;
}

static int refuses(const char *call, const char *path, int fd) {
  if (!is_on || is_inside || strcmp(call, refused_call) != 0) return 0;
  int before = errno;
  is_inside = 1;
  int refused = 0;
  if (concerns(path, fd)) {
    int now = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
    refused = (strcmp(times, "ever") == 0 ? now >= nth : now == nth) && may_refuse();
  }
  is_inside = 0;
  errno = refused ? refused_errno : before;
  return refused;
}

#define REAL(name) ((__typeof__(&name))real_of(#name))
static void *real_of(const char *name) { return dlsym(RTLD_NEXT, name); }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
    return refuses("open", path, -1) ? -1 : REAL(name)(path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
    return refuses("open", path, -1) ? -1 : REAL(name)(folder, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

#define ON_FD(name, call, result, parameters, arguments) \
  result name parameters { return refuses(call, NULL, fd) ? -1 : REAL(name) arguments; }
#define ON_PATH(name, call, parameters, arguments) \
  int name parameters { return refuses(call, path, -1) ? -1 : REAL(name) arguments; }
#define ON_NOTHING(name, call, result, parameters, arguments) \
  result name parameters { return refuses(call, "/", -1) ? -1 : REAL(name) arguments; }

ON_FD(read, "read", ssize_t, (int fd, void *to, size_t length), (fd, to, length))
ON_FD(readv, "read", ssize_t, (int fd, const struct iovec *to, int count), (fd, to, count))
ON_FD(pread64, "read", ssize_t, (int fd, void *to, size_t length, off64_t at), (fd, to, length, at))
ON_FD(preadv, "read", ssize_t, (int fd, const struct iovec *to, int count, off_t at), (fd, to, count, at))
ON_FD(write, "write", ssize_t, (int fd, const void *from, size_t length), (fd, from, length))
ON_FD(writev, "write", ssize_t, (int fd, const struct iovec *from, int count), (fd, from, count))
ON_FD(pwrite64, "write", ssize_t, (int fd, const void *from, size_t length, off64_t at), (fd, from, length, at))
ON_FD(pwritev, "write", ssize_t, (int fd, const struct iovec *from, int count, off_t at), (fd, from, count, at))
ON_FD(fsync, "fsync", int, (int fd), (fd))
ON_FD(fdatasync, "fsync", int, (int fd), (fd))
ON_FD(ftruncate64, "ftruncate", int, (int fd, off64_t length), (fd, length))
ON_FD(fchmod, "chmod", int, (int fd, mode_t mode), (fd, mode))

ON_PATH(rename, "rename", (const char *path, const char *to), (path, to))
ON_PATH(link, "link", (const char *path, const char *to), (path, to))
ON_PATH(unlink, "unlink", (const char *path), (path))
ON_PATH(rmdir, "rmdir", (const char *path), (path))
ON_PATH(mkdir, "mkdir", (const char *path, mode_t mode), (path, mode))
ON_PATH(access, "access", (const char *path, int mode), (path, mode))

ON_NOTHING(socket, "socket", int, (int family, int type, int protocol), (family, type, protocol))
ON_NOTHING(bind, "bind", int, (int fd, const struct sockaddr *to, socklen_t length), (fd, to, length))
ON_NOTHING(listen, "listen", int, (int fd, int backlog), (fd, backlog))
ON_NOTHING(fork, "fork", pid_t, (void), ())

// A closed file stays closed, whatever the call returns.
int close(int fd) {
  int refused = refuses("close", NULL, fd);
  int result = REAL(close)(fd);
  if (!refused) return result;
  errno = refused_errno;
  return -1;
}

int connect(int fd, const struct sockaddr *to, socklen_t length) {
  return to->sa_family == AF_INET && refuses("connect", "/", -1) ? -1 : REAL(connect)(fd, to, length);
}

int accept4(int fd, struct sockaddr *from, socklen_t *length, int flags) {
  return refuses("accept", "/", -1) ? -1 : REAL(accept4)(fd, from, length, flags);
}

char *realpath(const char *path, char *to) {
  return refuses("realpath", path, -1) ? NULL : REAL(realpath)(path, to);
}

int scandir64(const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
              int (*order)(const struct dirent64 **, const struct dirent64 **)) {
  return refuses("scandir", path, -1) ? -1 : REAL(scandir64)(path, names, filter, order);
}

DIR *opendir(const char *path) { return refuses("scandir", path, -1) ? NULL : REAL(opendir)(path); }

// Only locks are refused.
int fcntl64(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  int isLock = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK;
  return isLock && refuses("lock", NULL, fd) ? -1 : REAL(fcntl64)(fd, command, argument);
}

// Programs that were built for an older libc, such as Node, call these.
#define STATUS(name) \
  int name(int version, const char *path, void *to) { \
    int (*real)(int, const char *, void *) = real_of(#name); \
    return refuses("stat", path, -1) ? -1 : real(version, path, to); \
  }
STATUS(__xstat)
STATUS(__xstat64)
STATUS(__lxstat)
STATUS(__lxstat64)

int __fxstat64(int version, int fd, void *to) {
  int (*real)(int, int, void *) = real_of("__fxstat64");
  return refuses("stat", NULL, fd) ? -1 : real(version, fd, to);
}

// Node mostly requests the status of a file without libc's function for it.
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  const char *path = (const char *)b;
  int isStatus = number == SYS_statx;
  if (isStatus && (path[0] == '\0' ? refuses("stat", NULL, (int)a) : refuses("stat", path, -1))) return -1;
  return REAL(syscall)(number, a, b, c, d, e, f);
}
