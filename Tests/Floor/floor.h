#pragma once
// The netlink half of the floor: 2 N taps of a ring, in phases.

/// Prints what failed, with errno, and ends the program.
void fail(const char *what);

/// A node is a descriptor: raises this process's limit as far as allowed.
void raise_descriptor_limit(void);

/// An rtnetlink socket in the calling thread's namespace.
int open_route_socket(void);

/// Two veth pairs for each node, one end here, `eth1` and `eth2` in the namespace `nets[i]`.
void create_taps(int socket, const int *nets, int nodes);

/// Gives every end here its mark and sets it up.
void mark_and_raise(int socket, int nodes);

/// Redirects `eth1` of each node to `eth2` of the next and back.
void patch_ring(int socket, int nodes);

/// How many devices here have carrier.
int count_carriers(int socket);

/// Deletes all taps as one group.
void delete_taps(int socket);
