// Opens sockets of families that are not IP and not local: netlink, packet, crypto, vsock, XDP.
#include "proof.h"

int main(void) {
    bounded();
    const int kinds[][2] = {{AF_NETLINK, SOCK_RAW}, {AF_PACKET, SOCK_DGRAM}, {AF_ALG, SOCK_SEQPACKET}, {AF_VSOCK, SOCK_STREAM}, {44, SOCK_RAW}};
    for (size_t at = 0; at < sizeof kinds / sizeof *kinds; at++) socket(kinds[at][0], kinds[at][1], 0);
    hold();
}
