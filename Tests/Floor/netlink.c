#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/veth.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  first_index = 1 << 20,
  group = 42,
  fabric_mtu = 65535,
  requests_at_once = 128, // their acknowledgements fit into the receive buffer together
  request_bytes = 64 << 10,
  largest_request = 512,
};

static char requests[request_bytes];
static size_t used;
static int waiting;

void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

int open_route_socket(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), bytes = 8 << 20, one = 1;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("netlink socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
  setsockopt(fd, 270 /* SOL_NETLINK */, NETLINK_CAP_ACK, &one, sizeof one);
  return fd;
}

static void flush(int fd, const char *what) {
  static char replies[64 << 10];
  if (used > 0 && send(fd, requests, used, 0) != (ssize_t)used) fail(what);
  used = 0;
  while (waiting > 0) {
    ssize_t length = recv(fd, replies, sizeof replies, 0);
    if (length < 0) fail(what);
    for (struct nlmsghdr *m = (struct nlmsghdr *)replies; NLMSG_OK(m, length); m = NLMSG_NEXT(m, length)) {
      const struct nlmsgerr *answer = NLMSG_DATA(m);
      if (m->nlmsg_type != NLMSG_ERROR) continue;
      waiting--;
      if (answer->error == 0) continue;
      errno = -answer->error;
      fail(what);
    }
  }
}

static struct nlmsghdr *begin(int fd, const char *what, int type, int flags, const void *head, size_t size) {
  if (used + largest_request > request_bytes || waiting == requests_at_once) flush(fd, what);
  struct nlmsghdr *m = (struct nlmsghdr *)(requests + used);
  memset(m, 0, largest_request);
  m->nlmsg_type = (uint16_t)type;
  m->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
  m->nlmsg_len = NLMSG_LENGTH(size);
  memcpy(NLMSG_DATA(m), head, size);
  return m;
}

static void end(const struct nlmsghdr *m) {
  used += NLMSG_ALIGN(m->nlmsg_len);
  waiting++;
}

static struct rtattr *put(struct nlmsghdr *m, int type, const void *data, size_t size) {
  struct rtattr *a = (struct rtattr *)((char *)m + NLMSG_ALIGN(m->nlmsg_len));
  a->rta_type = (unsigned short)type;
  a->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size > 0) memcpy(RTA_DATA(a), data, size);
  m->nlmsg_len = NLMSG_ALIGN(m->nlmsg_len) + RTA_ALIGN(a->rta_len);
  return a;
}

static void put_number(struct nlmsghdr *m, int type, uint32_t number) { put(m, type, &number, sizeof number); }
static void put_text(struct nlmsghdr *m, int type, const char *text) { put(m, type, text, strlen(text) + 1); }

static void close_nest(const struct nlmsghdr *m, struct rtattr *a) {
  a->rta_len = (unsigned short)((const char *)m + m->nlmsg_len - (const char *)a);
}

void create_taps(int fd, const int *nets, int nodes) {
  char name[16];
  for (int i = 0; i < 2 * nodes; i++) {
    struct ifinfomsg head = {.ifi_index = first_index + i}, peer = {.ifi_index = i % 2 + 2};
    uint8_t mac[6] = {2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    struct nlmsghdr *m = begin(fd, "create taps", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof head);
    snprintf(name, sizeof name, "t%013d", i);
    put_text(m, IFLA_IFNAME, name);
    put_number(m, IFLA_GROUP, group);
    put_number(m, IFLA_MTU, fabric_mtu);
    struct rtattr *info = put(m, IFLA_LINKINFO, NULL, 0);
    put_text(m, IFLA_INFO_KIND, "veth");
    struct rtattr *data = put(m, IFLA_INFO_DATA, NULL, 0), *other = put(m, VETH_INFO_PEER, &peer, sizeof peer);
    put_text(m, IFLA_IFNAME, i % 2 ? "eth2" : "eth1");
    put_number(m, IFLA_NET_NS_FD, (uint32_t)nets[i / 2]);
    put(m, IFLA_ADDRESS, mac, sizeof mac);
    put_number(m, IFLA_MTU, 1500);
    close_nest(m, other);
    close_nest(m, data);
    close_nest(m, info);
    end(m);
  }
  flush(fd, "create taps");
}

void mark_and_raise(int fd, int nodes) {
  char mark[64];
  for (int i = 0; i < 2 * nodes; i++) {
    struct ifinfomsg head = {.ifi_index = first_index + i, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct nlmsghdr *m = begin(fd, "set taps up", RTM_NEWLINK, 0, &head, sizeof head);
    snprintf(mark, sizeof mark, "floor ring/n%d:%d", i / 2, i % 2 + 1);
    put_text(m, IFLA_IFALIAS, mark);
    end(m);
  }
  flush(fd, "set taps up");
}

static void redirect(int fd, int from, int to) {
  static const struct {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
  } match_all = {.code = 6, .k = UINT32_MAX};
  struct tc_mirred mirred = {.action = TC_ACT_STOLEN, .eaction = TCA_EGRESS_REDIR, .ifindex = (uint32_t)to};
  struct tcmsg head = {.tcm_ifindex = from, .tcm_handle = 1, .tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)};
  head.tcm_info = 1u << 16 | __builtin_bswap16(ETH_P_ALL);
  struct nlmsghdr *m = begin(fd, "patch taps", RTM_NEWTFILTER, NLM_F_CREATE, &head, sizeof head);
  put_text(m, TCA_KIND, "bpf");
  uint16_t length = 1;
  struct rtattr *options = put(m, TCA_OPTIONS, NULL, 0);
  put(m, TCA_BPF_OPS_LEN, &length, sizeof length);
  put(m, TCA_BPF_OPS, &match_all, sizeof match_all);
  struct rtattr *actions = put(m, TCA_BPF_ACT, NULL, 0), *first = put(m, 1, NULL, 0);
  put_text(m, TCA_ACT_KIND, "mirred");
  struct rtattr *parameters = put(m, TCA_ACT_OPTIONS, NULL, 0);
  put(m, TCA_MIRRED_PARMS, &mirred, sizeof mirred);
  close_nest(m, parameters);
  close_nest(m, first);
  close_nest(m, actions);
  close_nest(m, options);
  end(m);
}

void patch_ring(int fd, int nodes) {
  for (int i = 0; i < 2 * nodes; i++) {
    struct tcmsg head = {.tcm_ifindex = first_index + i, .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0), .tcm_parent = TC_H_CLSACT};
    struct nlmsghdr *m = begin(fd, "prepare taps", RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof head);
    put_text(m, TCA_KIND, "clsact");
    end(m);
  }
  flush(fd, "prepare taps");
  for (int i = 0; i < nodes; i++) {
    int one = first_index + 2 * i, other = first_index + 2 * ((i + 1) % nodes) + 1;
    redirect(fd, one, other);
    redirect(fd, other, one);
  }
  flush(fd, "patch taps");
}

int count_carriers(int fd) {
  static char replies[64 << 10];
  struct {
    struct nlmsghdr header;
    struct ifinfomsg head;
  } request = {.header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
  int up = 0;
  if (send(fd, &request, sizeof request, 0) < 0) fail("read taps");
  for (;;) {
    ssize_t length = recv(fd, replies, sizeof replies, 0);
    if (length < 0) fail("read taps");
    for (struct nlmsghdr *m = (struct nlmsghdr *)replies; NLMSG_OK(m, length); m = NLMSG_NEXT(m, length)) {
      if (m->nlmsg_type == NLMSG_DONE) return up;
      const struct ifinfomsg *head = NLMSG_DATA(m);
      if (head->ifi_index >= first_index && head->ifi_flags & IFF_LOWER_UP) up++;
    }
  }
}

void delete_taps(int fd) {
  struct ifinfomsg head = {0};
  struct nlmsghdr *m = begin(fd, "delete taps", RTM_DELLINK, 0, &head, sizeof head);
  put_number(m, IFLA_GROUP, group);
  end(m);
  flush(fd, "delete taps");
}
