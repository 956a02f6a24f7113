// Looks through all System V shared memory and queues of the machine, and removes them (shmctl(2), SHM_STAT).
#include "proof.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>

int main(void) {
    bounded();
    struct shmid_ds found;
    int highest = shmctl(0, SHM_INFO, &found);
    for (int at = 0; at <= highest; at++) {
        int id = shmctl(at, SHM_STAT, &found);
        if (id < 0) continue;
        char *bytes = shmat(id, NULL, SHM_RDONLY);
        if (bytes == (void *)-1) continue;
        print_tokens(bytes, found.shm_segsz < 4096 ? found.shm_segsz : 4096);
    }
    int id = shmget(env_number("SHM_KEY"), 0, 0);
    char *bytes = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
    if (bytes != (void *)-1) {
        print_tokens(bytes, 256);
        shmctl(id, IPC_RMID, NULL);
    }
    return 0;
}
