/* The n-th call of a kind fails: put in front of the C library of one process (LD_PRELOAD).
 *
 * Only calls on files below one folder count; they are counted from `laboratory_arm` on, which also
 * says what the n-th one and those that follow do instead of their work: fail with an error number,
 * or (SHORT) write half, of one byte all. Whoever calls through the C library is met, so Python's
 * own calls as well as those of SQLite. Each call that was met is told, with its time, to a file of its own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define SHORT (-1)
#define LONGEST 4096

static char folder[LONGEST];
static char kind[16];
static long first;
static long times;
static int error;
static int told = -1;
static atomic_long calls;

void laboratory_arm(const char *place, const char *call, long turn, int number, long count,
                    const char *report)
{
    snprintf(folder, sizeof folder, "%s/", place);
    first = turn;
    error = number;
    times = count;
    told = open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    atomic_store(&calls, 0);
    snprintf(kind, sizeof kind, "%s", call);
}

static int below(const char *path)
{
    return path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int path_of(int handle, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, LONGEST - 2);
    if (length < 0)
        return 0;
    path[length] = '/'; /* the folder itself counts as well */
    path[length + 1] = 0;
    return below(path);
}

static int counts(const char *call, const char *path)
{
    long turn = atomic_fetch_add(&calls, 1);
    if (turn < first || turn >= first + times)
        return 0;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    dprintf(told, "%ld.%09ld %s %s\n", now.tv_sec, now.tv_nsec, call, path + strlen(folder));
    return 1;
}

/* Whether a call fails now; `errno` is set then. */
static int met_path(const char *call, const char *path)
{
    if (strcmp(call, kind) != 0 || !below(path) || !counts(call, path))
        return 0;
    errno = error;
    return 1;
}

static int met(const char *call, int handle)
{
    char path[LONGEST];
    int before = errno;
    if (strcmp(call, kind) != 0 || !path_of(handle, path) || !counts(call, path)) {
        errno = before;
        return 0;
    }
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPENS(name)                                                                                \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = va_arg(more, mode_t);                                                        \
        va_end(more);                                                                              \
        return met_path("open", path) ? -1 : REAL(name)(path, flags, mode);                        \
    }
OPENS(open)
OPENS(open64)

#define WRITES(name, offset_type)                                                                  \
    ssize_t name(int handle, const void *data, size_t count, offset_type offset)                   \
    {                                                                                              \
        if (!met("write", handle))                                                                 \
            return REAL(name)(handle, data, count, offset);                                        \
        return error == SHORT ? REAL(name)(handle, data, (count + 1) / 2, offset) : -1;            \
    }
WRITES(pwrite, off_t)
WRITES(pwrite64, off64_t)

ssize_t write(int handle, const void *data, size_t count)
{
    if (!met("write", handle))
        return REAL(write)(handle, data, count);
    return error == SHORT ? REAL(write)(handle, data, (count + 1) / 2) : -1;
}

int fsync(int handle)
{
    return met("sync", handle) ? -1 : REAL(fsync)(handle);
}

int fdatasync(int handle)
{
    return met("sync", handle) ? -1 : REAL(fdatasync)(handle);
}

int rename(const char *old, const char *fresh)
{
    return met_path("rename", old) ? -1 : REAL(rename)(old, fresh);
}

int unlink(const char *path)
{
    return met_path("remove", path) ? -1 : REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
    return met_path("mkdir", path) ? -1 : REAL(mkdir)(path, mode);
}

int ftruncate(int handle, off_t length)
{
    return met("truncate", handle) ? -1 : REAL(ftruncate)(handle, length);
}

int ftruncate64(int handle, off64_t length)
{
    return met("truncate", handle) ? -1 : REAL(ftruncate64)(handle, length);
}
