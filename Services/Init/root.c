#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// The working folder is the node's disk folder until its overlay is mounted, then the new root: relative paths are the node's.

static bool failed(char *message, const char *step, const char *what) {
  snprintf(message, MAX_MESSAGE, "%s %s: %s", step, what, strerror(errno));
  return false;
}

static bool ensure_folder(const char *path) { return mkdir(path, 0755) == 0 || errno == EEXIST; }

/// The files that every node has for its own go into the upper folder before the overlay is there, which is cheaper than through it.
static bool write_identity(const struct request *request, char *message) {
  char name[80];
  snprintf(name, sizeof name, "%.64s\n", request->host_name);
  if (!ensure_folder("upper") || !ensure_folder("work") || !ensure_folder("upper/etc")) return failed(message, "make", "upper folder");
  // A node that made a symbolic link of them keeps it.
  int etc = open("upper/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (etc < 0) return failed(message, "open", "/etc");
  bool done = (file_write(etc, "hostname", name, strlen(name), 0644, false) || errno == ELOOP) &&
              (file_write(etc, "hosts", request->hosts, request->hosts_length, 0644, false) || errno == ELOOP);
  if (!done) failed(message, "write", "/etc/hostname and /etc/hosts");
  close(etc);
  return done;
}

/// Mounts an overlay of `lower` on `target` with the upper folder `upper` and the work folder `work`.
static bool mount_overlay(const char *lower, const char *upper, const char *work, const char *target) {
  char options[1024], mark[256];
  // `volatile`: without it each end of a node would sync the host's whole file system. The kernel refuses to mount anew what a host's
  // crash left; a node's disk is then as good as any disk after a power cut.
  snprintf(mark, sizeof mark, "%s/work/incompat/volatile/dirty", work);
  unlink(mark);
  snprintf(mark, sizeof mark, "%s/work/incompat/volatile", work);
  if (rmdir(mark) == 0) {
    snprintf(mark, sizeof mark, "%s/work/incompat", work);
    rmdir(mark);
  }
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s,volatile", lower, upper, work);
  return mount("archetype", target, "overlay", MS_NODEV, options) == 0;
}

static bool mount_roots(const struct request *request, char *message) {
  int disk = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (!mount_overlay("/", "upper", "work", ".")) {
    return failed(message, "mount", "overlay of / (does the disk folder's file system take overlays?)");
  }
  if (chdir(request->disk_folder) != 0) return failed(message, "enter", request->disk_folder);
  for (int i = 0; i < system_lower_count; i++) {
    char upper[160], work[160], name[64];
    snprintf(name, sizeof name, "%s", system_lowers[i] + 1);
    for (char *c = name; *c != 0; c++) {
      if (*c == '/') *c = '-';
    }
    snprintf(upper, sizeof upper, "/proc/self/fd/%d/upper.%s", disk, name);
    snprintf(work, sizeof work, "/proc/self/fd/%d/work.%s", disk, name);
    const char *target = system_lowers[i] + 1;
    if (ensure_folder(upper) && ensure_folder(work) && mount_overlay(system_lowers[i], upper, work, target)) continue;
    // What can't be a lower layer (some network file systems) is shown as it is, read-only.
    if (mount(system_lowers[i], target, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
      close(disk);
      return failed(message, "mount", system_lowers[i]);
    }
  }
  close(disk);
  return true;
}

static bool make_devices(char *message) {
  static const struct { const char *path; int major, minor; } devices[] = {
      {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7}, {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
      {"dev/net/tun", 10, 200}};
  static const char *const links[][2] = {{"pts/ptmx", "dev/ptmx"},           {"/proc/self/fd", "dev/fd"}, {"fd/0", "dev/stdin"},
                                         {"fd/1", "dev/stdout"}, {"fd/2", "dev/stderr"}};
  if (mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=1m") != 0) return failed(message, "mount", "/dev");
  mkdir("dev/net", 0755);
  mkdir("dev/pts", 0755);
  mkdir("dev/shm", 01777);
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
    if (mknod(devices[i].path, S_IFCHR | 0666, makedev((unsigned)devices[i].major, (unsigned)devices[i].minor)) != 0) {
      return failed(message, "make", devices[i].path);
    }
  }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    if (symlink(links[i][0], links[i][1]) != 0) return failed(message, "make", links[i][1]);
  }
  unsigned long flags = MS_NOSUID | MS_NOEXEC;
  const char *terminals = "newinstance,ptmxmode=0666,mode=620,gid=5";
  if (mount("devpts", "dev/pts", "devpts", flags, terminals) != 0) return failed(message, "mount", "/dev/pts");
  if (mount("tmpfs", "dev/shm", "tmpfs", flags | MS_NODEV, "mode=1777,size=64m") != 0) return failed(message, "mount", "/dev/shm");
  return true;
}

static bool mount_kernel_views(const struct request *request, char *message) {
  unsigned long flags = MS_NOSUID | MS_NOEXEC | MS_NODEV;
  if (mount("proc", "proc", "proc", flags, NULL) != 0) return failed(message, "mount", "/proc");
  // Shows the network namespace that its mounter is in: the sandbox.
  if (mount("sysfs", "sys", "sysfs", flags, NULL) != 0) return failed(message, "mount", "/sys");
  // Sizes are bounds, not reservations; what a node writes there is the host's memory.
  if (mount("tmpfs", "run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m") != 0) return failed(message, "mount", "/run");
  if (mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=256m") != 0) return failed(message, "mount", "/tmp");
  mkdir("run/lock", 01777);
  // Fails where the node doesn't see it anyway.
  if (request->hidden != NULL) (void)mount(system_empty, request->hidden + 1, NULL, MS_BIND, NULL);
  return true;
}

static bool attach_binds(const struct request *request, const int *binds, char *message) {
  for (int i = 0; i < request->bind_count; i++) {
    const char *target = request->binds[i].target;
    struct stat status;
    if (fstat(binds[i], &status) != 0) return failed(message, "look at the source of", target);
    if (!folders_above(target)) return failed(message, "make folders for", target);
    if (S_ISDIR(status.st_mode)) {
      if (!ensure_folder(target)) return failed(message, "make", target);
    } else {
      int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
      if (fd < 0 && errno != EISDIR && errno != ENXIO && errno != ETXTBSY) return failed(message, "make", target);
      if (fd >= 0) close(fd);
    }
    if (request->binds[i].read_only) {
      struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
      if (mount_setattr(binds[i], "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0) {
        return failed(message, "make read-only", target);
      }
    }
    if (move_mount(binds[i], "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) != 0) return failed(message, "bind", target);
    close(binds[i]);
  }
  return true;
}

static bool write_files(const struct request *request, char *message) {
  for (int i = 0; i < request->file_count; i++) {
    const struct file *file = &request->files[i];
    if (!folders_above(file->path)) return failed(message, "make folders for", file->path);
    if (!file_write(AT_FDCWD, file->path, file->bytes, file->length, file->mode, false)) return failed(message, "write", file->path);
    if (chown(file->path, file->user, file->group) != 0 || chmod(file->path, file->mode) != 0) return failed(message, "own", file->path);
  }
  for (int i = 0; i < request->setting_count; i++) {
    const char *value = request->settings[i].value;
    int fd = open(request->settings[i].path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, value, strlen(value)) >= 0;
    if (!done) return failed(message, "set", request->settings[i].path);
    close(fd);
  }
  return true;
}

bool root_make(const struct request *request, const int *binds, char *message) {
  mode_t mask = umask(0);
  if (!write_identity(request, message) || !mount_roots(request, message)) return false;
  if (!mount_kernel_views(request, message) || !make_devices(message)) return false;
  umask(mask);
  // The old root is stacked under the new one and taken away: the node's mounts are all that is left.
  if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) return failed(message, "change", "root");
  return attach_binds(request, binds, message) && write_files(request, message);
}
