// Changes modes, owners, times and attributes of the user's files by every call there is, by path and by descriptor.
#include "proof.h"
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

// Newer than many headers (asm-generic/unistd.h).
enum { FCHMODAT2 = 452, SETXATTRAT = 463, REMOVEXATTRAT = 466, FILE_SETATTR = 469 };

static void by_descriptor(int fd) {
    struct timespec times[2] = {{1, 0}, {1, 0}};
    unsigned flags = 0x40; // FS_NODUMP_FL of linux/fs.h
    unsigned long attributes[4] = {0};
    if (fd < 0) return;
    fchmod(fd, 0777);
    fchown(fd, getuid(), getgid());
    fsetxattr(fd, "user.evfuzz", "x", 1, 0);
    fremovexattr(fd, "user.evfuzz");
    syscall(SYS_utimensat, fd, NULL, times, 0);
    syscall(SYS_utimensat, fd, "", times, AT_EMPTY_PATH);
    fchownat(fd, "", getuid(), -1, AT_EMPTY_PATH);
    syscall(FCHMODAT2, fd, "", 0777, AT_EMPTY_PATH);
    syscall(SETXATTRAT, fd, "", AT_EMPTY_PATH, "user.evfuzz", attributes, 16);
    syscall(REMOVEXATTRAT, fd, "", AT_EMPTY_PATH, "user.evfuzz");
    syscall(FILE_SETATTR, fd, "", attributes, 24, AT_EMPTY_PATH);
    ioctl(fd, 0x40086602, &flags); // FS_IOC_SETFLAGS
    close(fd);
}

static void change(const char *path) {
    struct timeval times[2] = {{1, 0}, {1, 0}};
    struct utimbuf both = {1, 1};
    struct timespec exact[2] = {{1, 0}, {1, 0}};
    unsigned long attributes[4] = {0};
    char through[4096];
    by_descriptor(open(path, O_RDONLY));
    by_descriptor(open(path, O_PATH));
    chmod(path, 0777);
    syscall(SYS_fchmodat, AT_FDCWD, path, 0777);
    syscall(FCHMODAT2, AT_FDCWD, path, 0777, 0);
    chown(path, getuid(), -1);
    lchown(path, -1, getgid());
    utime(path, &both);
    utimes(path, times);
    futimesat(AT_FDCWD, path, times);
    utimensat(AT_FDCWD, path, exact, AT_SYMLINK_NOFOLLOW);
    setxattr(path, "user.evfuzz", "x", 1, 0);
    lsetxattr(path, "user.evfuzz", "x", 1, 0);
    removexattr(path, "user.evfuzz");
    lremovexattr(path, "user.evfuzz");
    syscall(SETXATTRAT, AT_FDCWD, path, 0, "user.evfuzz", attributes, 16);
    syscall(REMOVEXATTRAT, AT_FDCWD, path, 0, "user.evfuzz");
    syscall(FILE_SETATTR, AT_FDCWD, path, attributes, 24, 0);
    // By links in scratch, where changes are allowed.
    if (symlink(path, "link") == 0) {
        chmod("link", 0777);
        chmod("link/.", 0777);
        utimensat(AT_FDCWD, "link", exact, 0);
        unlink("link");
    }
    if (link(path, "hard") == 0) chmod("hard", 0777), unlink("hard");
    snprintf(through, sizeof through, "/proc/self/cwd/../../../../../../..%s", path);
    chmod(through, 0777);
}

int main(void) {
    bounded();
    each_path("TARGETS", change);
    each_path("SECRETS", change);
    each_path("OUTSIDE", change);
    // Readable in the cage.
    char path[4096];
    snprintf(path, sizeof path, "%s/shared.txt", env("CODE"));
    change(path);
    change(env("CODE"));
    return 0;
}
