#define _GNU_SOURCE
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

int clinux_unshare_net(void) { return unshare(CLONE_NEWNET); }

int clinux_setns_net(int fd) { return setns(fd, CLONE_NEWNET); }

int clinux_empty_mount_namespace(const char *folder)
{
	char old[4096];
	int fd, saved;

	if (snprintf(old, sizeof old, "%s/old", folder) >= (int)sizeof old) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	fd = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (mount("tmpfs", folder, "tmpfs", 0, "size=4k") < 0 || mkdir(old, 0700) < 0 || syscall(SYS_pivot_root, folder, old) < 0 ||
	    chdir("/") < 0 || umount2("/old", MNT_DETACH) < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

void clinux_move_to_processor(int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number % get_nprocs_conf() % CPU_SETSIZE, &set);
	(void)sched_setaffinity(0, sizeof set, &set);
}

int clinux_bind_mount(const char *source, const char *target) { return mount(source, target, NULL, MS_BIND, NULL); }

int clinux_private_tmpfs(const char *target, const char *size)
{
	char options[64];

	snprintf(options, sizeof options, "mode=0755,size=%s", size);
	if (mount("archetype", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		return -1;
	return mount("", target, NULL, MS_PRIVATE, NULL);
}

int clinux_detach_mount(const char *target) { return umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW); }

int clinux_namespace_type(int fd, const char *path)
{
	int opened = -1, type;

	if (fd < 0 && (fd = opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return -1;
	type = ioctl(fd, NS_GET_NSTYPE);
	if (opened >= 0)
		close(opened);
	return type < 0 ? 0 : type;
}

int clinux_loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result, saved;

	if (fd < 0)
		return -1;
	result = ioctl(fd, SIOCSIFFLAGS, &request);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

ssize_t clinux_netlink_receive(int fd, void *buffer, size_t size, int flags, int32_t *namespace_id)
{
	union {
		struct cmsghdr header;
		char bytes[256];
	} control;
	struct iovec part = {.iov_base = buffer, .iov_len = size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(fd, &message, flags | MSG_TRUNC);

	*namespace_id = CLINUX_OWN_NAMESPACE;
	if (length < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_LISTEN_ALL_NSID)
			memcpy(namespace_id, CMSG_DATA(c), sizeof *namespace_id);
	return length;
}

int clinux_packet_attach(int fd, const char *name)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)}, present = { 0 };
	socklen_t size = sizeof present;
	struct ifreq request = { 0 };
	int yes = 1;

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return -1;
	/* Asked of the kernel, because a device that is made again may have the number of the one that the socket was on. */
	if (getsockname(fd, (struct sockaddr *)&present, &size) == 0 && present.sll_ifindex == request.ifr_ifindex)
		return 0;
	address.sll_ifindex = request.ifr_ifindex;
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return 0;
}

int clinux_set_up_in(int fd, const char *name)
{
	struct ifreq request = { 0 };
	int sock, failed;

	if (setns(fd, CLONE_NEWNET) != 0)
		return -1;
	if ((sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	failed = ioctl(sock, SIOCGIFFLAGS, &request);
	if (!failed) {
		request.ifr_flags |= IFF_UP;
		failed = ioctl(sock, SIOCSIFFLAGS, &request);
	}
	int reason = errno;
	close(sock);
	errno = reason;
	return failed ? -1 : 0;
}

int clinux_set_mtu_in(int fd, const char *name, int mtu)
{
	struct ifreq request = {.ifr_mtu = mtu};
	int s, result, saved;

	if (strlen(name) >= sizeof request.ifr_name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(request.ifr_name, name);
	if (setns(fd, CLONE_NEWNET) < 0 || (s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	result = ioctl(s, SIOCSIFMTU, &request);
	saved = errno;
	close(s);
	errno = saved;
	return result;
}
