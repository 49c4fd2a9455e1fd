// A CNI plug-in that does the least: static C, no IPAM, nothing recorded, nobody asked. It makes a pod's veth pair with
// address, routes and neighbours by the netlink messages that vnetcni's agent sends, or deletes the pair, and answers. What it
// takes is the price of fork, exec and kernel: the limit for any plug-in of this shape.
// build: cc -O2 -static -o floor floor.c      The address follows from the digits that end CNI_CONTAINERID.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static char buf[8192];
static unsigned len, seq;
static struct nlmsghdr *msg;

static void die(const char *what, int error) {
  printf("{\"cniVersion\":\"1.0.0\",\"code\":999,\"msg\":\"%s: %s\"}\n", what, strerror(error));
  exit(1);
}
static const char *need(const char *name) { const char *v = getenv(name); if (!v) die(name, EINVAL); return v; }
static void *room(unsigned n) { void *p = buf + len; memset(p, 0, NLMSG_ALIGN(n)); len += NLMSG_ALIGN(n); return p; }
static void begin(int type, int flags, const void *head, unsigned n) {
  msg = room(sizeof *msg); msg->nlmsg_type = type; msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags; msg->nlmsg_seq = ++seq; memcpy(room(n), head, n); }
static struct rtattr *put(int type, const void *data, unsigned n) {
  struct rtattr *a = room(RTA_LENGTH(n)); a->rta_type = type; a->rta_len = RTA_LENGTH(n); if (n) memcpy(RTA_DATA(a), data, n); return a; }
static void put32(int type, unsigned v) { put(type, &v, 4); }
static void close_attr(struct rtattr *a) { a->rta_len = buf + len - (char *)a; }
static void end(void) { msg->nlmsg_len = buf + len - (char *)msg; }
// One send; as many acknowledgements as messages. missing: an error that is none.
static void exchange(int fd, unsigned messages, const char *what, int missing) {
  if (send(fd, buf, len, 0) != (ssize_t)len) die(what, errno);
  char in[8192];
  while (messages) {
    int n = recv(fd, in, sizeof in, 0); if (n < 0) die(what, errno);
    for (struct nlmsghdr *h = (void *)in; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
      int e = h->nlmsg_type == NLMSG_ERROR ? -((struct nlmsgerr *)NLMSG_DATA(h))->error : 0;
      if (e && e != missing) die(what, e);
      messages--; } }
  len = 0;
}
static int rtnetlink(void) { int one = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); if (fd < 0) die("socket", errno); setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one); return fd; }
static int index_of(int fd, const char *name) { struct ifreq r = {0}; strncpy(r.ifr_name, name, IFNAMSIZ - 1); if (ioctl(fd, SIOCGIFINDEX, &r)) die(name, errno); return r.ifr_ifindex; }
static void link_body(const char *name, const unsigned char *mac) { put(IFLA_IFNAME, name, strlen(name) + 1); put(IFLA_ADDRESS, mac, 6); put32(IFLA_MTU, 1500); put32(IFLA_NUM_TX_QUEUES, 1); put32(IFLA_NUM_RX_QUEUES, 1); }
static void neighbour(int index, unsigned address, const unsigned char *mac) {
  struct ndmsg n = { .ndm_family = AF_INET, .ndm_ifindex = index, .ndm_state = NUD_PERMANENT };
  begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &n, sizeof n); put32(NDA_DST, address); put(NDA_LLADDR, mac, 6); end(); }
static void route(int index, unsigned address, int bits, unsigned gateway) {
  struct rtmsg r = { .rtm_family = AF_INET, .rtm_dst_len = bits, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC, .rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, .rtm_type = RTN_UNICAST };
  begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &r, sizeof r); if (bits) put32(RTA_DST, address); if (gateway) put32(RTA_GATEWAY, gateway); put32(RTA_OIF, index); end(); }

int main(void) {
  const char *command = need("CNI_COMMAND"), *id = need("CNI_CONTAINERID"), *ifname = need("CNI_IFNAME");
  while (read(0, buf, sizeof buf) > 0) { }
  unsigned pod = strlen(id) > 8 ? strtoul(id + strlen(id) - 8, NULL, 10) : 0;
  char host[IFNAMSIZ]; snprintf(host, sizeof host, "flr%u", pod);
  int out = rtnetlink();
  if (!strcmp(command, "DEL")) {
    struct ifinfomsg gone = { .ifi_family = AF_UNSPEC };
    begin(RTM_DELLINK, 0, &gone, sizeof gone); put(IFLA_IFNAME, host, strlen(host) + 1); end();
    exchange(out, 1, "DELLINK", ENODEV);
    return 0; }
  if (strcmp(command, "ADD")) die(command, ENOTSUP);
  const char *path = need("CNI_NETNS");
  int ns = open(path, O_RDONLY | O_CLOEXEC); if (ns < 0) die(path, errno);
  if (setns(ns, CLONE_NEWNET)) die("setns", errno);
  int in = rtnetlink();
  unsigned char outer[6] = { 0xaa, 0, pod >> 24, pod >> 16, pod >> 8, pod }, inner[6] = { 0xae, 0, pod >> 24, pod >> 16, pod >> 8, pod };
  unsigned address = htonl((10u << 24 | 225u << 16) + 256 + pod % 65000), gateway = htonl(0xa9fe0101);

  struct ifinfomsg up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, zero = {0};
  begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up); link_body(host, outer);
  struct rtattr *info = put(IFLA_LINKINFO, NULL, 0); put(IFLA_INFO_KIND, "veth", 5);
  struct rtattr *data = put(IFLA_INFO_DATA, NULL, 0), *peer = put(VETH_INFO_PEER, &zero, sizeof zero);
  link_body(ifname, inner); put32(IFLA_NET_NS_FD, ns); close_attr(peer); close_attr(data); close_attr(info); end();
  exchange(out, 1, "NEWLINK", 0);
  int outside = index_of(out, host), inside = index_of(in, ifname);
  route(outside, address, 32, 0); neighbour(outside, address, inner);
  exchange(out, 2, "host side", 0);
  up.ifi_index = inside; begin(RTM_NEWLINK, 0, &up, sizeof up); end();
  struct ifaddrmsg a = { .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = inside };
  begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &a, sizeof a); put32(IFA_LOCAL, address); put32(IFA_ADDRESS, address); end();
  route(inside, gateway, 32, 0); route(inside, 0, 0, gateway); neighbour(inside, gateway, outer);
  exchange(in, 5, "pod side", 0);
  char text[INET_ADDRSTRLEN]; inet_ntop(AF_INET, &address, text, sizeof text);
  printf("{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"%s\"},{\"name\":\"%s\",\"sandbox\":\"%s\"}],\"ips\":[{\"address\":\"%s/32\",\"interface\":1}]}\n", host, ifname, path, text);
  return 0;
}
