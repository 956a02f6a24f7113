//! Files: reading the user's, writing outside of scratch, devices, links that others may follow.

use crate::{
    evidence::Proof,
    table::{Program, Special},
};

pub(super) const PROGRAMS: &[Program] = &[
    Program::new("read_home.sh", Proof::Bait),
    Program::new("read_home.py", Proof::Bait),
    Program::new("read_home.js", Proof::Bait),
    Program::new("read_shadow.sh", Proof::Bait),
    Program::new("write_outside.sh", Proof::Bait),
    Program::new("rename_out.c", Proof::Bait),
    Program::new("proc_self_write.c", Proof::Bait),
    Program::new("truncate_outside.c", Proof::Bait),
    Program::new("chmod_outside.py", Proof::Bait),
    Program::new("touch_outside.py", Proof::Bait),
    Program::new("metadata_calls.c", Proof::Bait),
    Program::new("metadata_race.c", Proof::Bait),
    Program::new("watch_home.c", Proof::Watching),
    // The caller's own descriptors, opened without O_CLOEXEC before the keeper starts.
    Program::new("inherited_descriptors.c", Proof::Bait).with(&[Special::OwnKeeper]),
    Program::new("plant_links.sh", Proof::Bait).with(&[Special::OwnKeeper, Special::LaterFunction]),
    Program::new("replace_scratch.sh", Proof::Bait).with(&[Special::OwnKeeper]),
    Program::new("write_own_code.sh", Proof::Bait),
    Program::new("steal_scratch.py", Proof::Bait),
    Program::new("open_devices.py", Proof::Device),
    Program::new("mknod.c", Proof::Node),
    Program::new("setuid_binary.c", Proof::Bait).with(&[Special::OrdinaryOnly, Special::ControlAsNobody]),
    Program::new("open_by_handle.c", Proof::Bait),
    Program::new("kernel_settings.py", Proof::Setting),
    Program::new("leave_cgroup.py", Proof::Cgroup),
    // This needs CAP_SYS_RESOURCE, which root may lack in a container.
    Program::new("protect_from_oom.sh", Proof::OomScore).with(&[Special::ControlMayLack]),
];
