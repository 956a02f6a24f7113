//! What holds on this machine, and what to do about the rest.
//!
//! `facts` reads, the keeper tries, `advice` concludes. Showing it is the caller's part.

pub mod advice;
pub mod facts;

use std::path::Path;

use self::{
    advice::{Advice, Found, advise},
    facts::{Asked, Cgroups, Facts},
};
use crate::{
    cgroup::CgroupHost,
    error::SandboxError,
    handle::Keeper,
    isolation::{Isolation, PromiseState},
    spec::{BarrierWish, IsolationWish, KeeperProgram, OnWeak, WatchWish},
};

/// What was found out.
#[derive(Debug)]
pub struct Diagnosis {
    /// Why a keeper would refuse here. `None`: it would not.
    pub refusal: Option<SandboxError>,
    /// What confines here, with broken promises; the best that there is if what was wished for does not work.
    pub isolation: Option<Isolation>,
    /// The user that functions run as, if the probe got so far.
    pub function_uid: Option<u32>,
    /// The machine.
    pub facts: Facts,
    /// What to do, the gravest first.
    pub advice: Vec<Advice>,
}

/// Tries `wish` here. `run_dir` must exist; what is made in it is removed again.
pub fn diagnose(program: &KeeperProgram, run_dir: &Path, wish: IsolationWish) -> Diagnosis {
    let (isolation, refusal) = match Keeper::examine(program, &run_dir.join("wish"), wish) {
        Ok(isolation) => {
            let broken = isolation.promises.iter().find(|it| it.state == PromiseState::Violated);
            let refusal = broken.map(|it| SandboxError::PromiseBroken {
                name: it.name.to_owned(),
                detail: it.detail.clone(),
            });
            (Some(isolation), refusal)
        }
        Err(refusal) => (Keeper::examine(program, &run_dir.join("best"), BEST).ok(), Some(refusal)),
    };
    let facts = Facts::read(Path::new("/"), Asked::here(cgroups()));
    let function_uid = isolation.as_ref().and_then(function_uid);
    let found = Found {
        wish,
        isolation: isolation.as_ref(),
        refusal: refusal.as_ref(),
        function_uid,
        exe: &program.exe,
    };
    let advice = advise(&facts, &found);
    Diagnosis { refusal, isolation, function_uid, facts, advice }
}

fn cgroups() -> Cgroups {
    let (host, notes) = CgroupHost::find();
    if host.limits_memory() && host.limits_tasks() {
        Cgroups::Usable(host.to_string())
    } else {
        Cgroups::Missing(notes)
    }
}

/// Whatever there is, to be shown beside a refusal.
const BEST: IsolationWish = IsolationWish {
    barriers: BarrierWish::Auto,
    watch: WatchWish::Auto,
    weak: OnWeak::Allow,
    landlock_abi_at_most: None,
};

/// The user as the probe saw it from inside.
fn function_uid(isolation: &Isolation) -> Option<u32> {
    let mut words = isolation.promises.iter().flat_map(|it| it.detail.split(' '));
    words.find_map(|it| it.strip_prefix("Uid:")?.parse().ok())
}
