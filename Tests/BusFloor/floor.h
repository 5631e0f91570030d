#pragma once
// A plain hub and the load that it and the product's are measured with.
#include <stddef.h>

/// How a hub is spoken to: by the product's frames, or by plain words.
enum dialect { ours, plain };

/// Longest path of a socket, and longest first frame.
enum { most_path = 128, most_frame = 96 };

/// Prints what failed, with ZeroMQ's error, and ends the program.
void fail(const char *what);

/// Seconds of a clock that is never set.
double now(void);

/// Lets this process have as many descriptors as it may.
void raise_descriptor_limit(void);

/// A socket with the options that all of the product's have.
void *open_socket(void *context, int type);

/// A socket that is connected to `folder/name`.
void *connect_to(void *context, int type, const char *folder, const char *name);

/// A hub that knows nothing but names: who said one is sent what is for it, and what is published is sent on. Never returns.
void serve(const char *folder);

/// First frames: of a greeting, of a request, of a publication. Their length.
size_t greeting(enum dialect dialect, const char *name, unsigned char *frame);
size_t request(enum dialect dialect, const char *to, unsigned char *frame);
size_t publication(enum dialect dialect, const char *topic, unsigned char *frame);

/// Round trips of a hundred bytes between two peers, `depth` of them under way at a time.
void call(enum dialect dialect, const char *folder, double seconds, int depth);

/// Events of a hundred bytes from one peer to one follower, in batches.
void publish(enum dialect dialect, const char *folder, double seconds);

/// So many peers that greet, follow a topic and then say nothing until they are killed.
void idle(enum dialect dialect, const char *folder, int peers);
