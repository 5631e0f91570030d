#pragma once
#include <microhttpd.h>

// Options are a variadic list in libmicrohttpd.

/// What a server grants.
struct cmicrohttpd_limits {
  unsigned int connections; ///< at once
  unsigned int seconds;     ///< in which nothing comes or goes on one
  size_t memory;            ///< bytes of one's headers
};

/// Serves the listening socket `listener`, which it closes at its end, on one thread of its own: one request after the other. NULL where it can't.
/// The thread is told its end by a channel (`ITC`): else it would be by shutdown(2) of the socket, which others may have too, as systemd.
static inline struct MHD_Daemon *cmicrohttpd_start(
    int listener, struct cmicrohttpd_limits limits, MHD_AccessHandlerCallback answer, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback noticed, void *context) {
  return MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, answer, context,
      MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, limits.connections, MHD_OPTION_CONNECTION_TIMEOUT, limits.seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.memory, MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, noticed, context, MHD_OPTION_END);
}

/// A connection's socket.
static inline int cmicrohttpd_socket(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}
