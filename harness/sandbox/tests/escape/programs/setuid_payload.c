// The program with the setuid bit: reads what only root may read.
#include "proof.h"

int main(int argc, char **argv) {
    bounded();
    print_file(env("ROOT_SECRET"));
    return 0;
}
