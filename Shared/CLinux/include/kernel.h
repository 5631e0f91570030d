#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/// What `clinux_netlink_receive` says where a message is of the socket's own namespace.
#define CLINUX_OWN_NAMESPACE (-1)

/// Kinds of namespaces (CLONE_NEWNET and CLONE_NEWNS, which Glibc's module lacks).
#define CLINUX_NETWORK_NAMESPACE 0x40000000
#define CLINUX_MOUNT_NAMESPACE 0x00020000

/// Moves the calling thread into a new network namespace. 0, or -1 with errno.
int clinux_unshare_net(void);

/// Moves the calling thread into the network namespace `fd`. 0, or -1 with errno.
int clinux_setns_net(int fd);

/// Gives the calling thread a mount namespace of its own that holds an empty tmpfs and nothing else, and returns a descriptor of it.
/// `folder` is an empty folder that it may mount over (seen by nobody else). -1 with errno.
int clinux_empty_mount_namespace(const char *folder);

/// Has the calling thread run on the processor `number`, counted round; where it may not, it stays where it is.
void clinux_move_to_processor(int number);

/// Mounts what `source` is at `target`. 0, or -1 with errno.
int clinux_bind_mount(const char *source, const char *target);

/// Mounts a private tmpfs of at most `size` (as in "16m") at `target`. 0, or -1 with errno.
int clinux_private_tmpfs(const char *target, const char *size);

/// Takes the topmost mount at `target` away. 0, or -1 with errno.
int clinux_detach_mount(const char *target);

/// What `fd` or, where it is negative, `path` is: CLINUX_NETWORK_NAMESPACE, CLINUX_MOUNT_NAMESPACE, another CLONE_NEW… number; 0 where it is no
/// namespace; -1 with errno where it can't be opened.
int clinux_namespace_type(int fd, const char *path);

/// Sets the loopback device of the calling thread's network namespace up. 0, or -1 with errno.
int clinux_loopback_up(void);

/// One datagram of a netlink socket. `namespace_id` receives the id of the namespace that the message is of (a socket with
/// NETLINK_LISTEN_ALL_NSID), CLINUX_OWN_NAMESPACE for its own. The result is the datagram's whole length, also where it was cut; -1 with errno.
ssize_t clinux_netlink_receive(int fd, void *buffer, size_t size, int flags, int32_t *namespace_id);

/// Lets the packet socket `fd` hear every frame that comes in at the device `name` of its namespace, and send there, unless it does so already.
/// 0, or -1 with errno.
int clinux_packet_attach(int fd, const char *name);

/// Sets the device `name` of the network namespace `fd` up. Moves the calling thread there, so that must be one of its own.
int clinux_set_up_in(int fd, const char *name);

/// Sets the MTU of the device `name` of the network namespace `fd`. Moves the calling thread there, so that must be one of its own.
int clinux_set_mtu_in(int fd, const char *name, int mtu);
