//! The escape suite: hostile programs try to get out of the cage, in every cell of {root, ordinary user} × {layer 1, layer 2}.
//!
//! Whether one has got out is seen from outside: the bait was touched, a secret is in its output, something outlived the kill.
//! The controls run the same programs without a cage, where they must succeed.
//!
//! `EVFUZZ_ESCAPE_ONLY=kill.sh,ptrace.c` picks programs. The whole table is kept in `target/tmp/escape-table.txt`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy knows test functions, but not what stands between them"
)]

mod bait;
mod bystander;
mod cage;
mod cell;
mod control;
mod evidence;
mod hostile;
mod kernel_bait;
mod kit;
mod limits;
mod ordinary;
mod procs;
mod table;

use std::sync::RwLock;

use crate::{
    cell::{Cell, Layer, User},
    control::Control,
    kit::Kit,
    table::{Special, Verdict},
};

/// The control of a program that signals everybody would disturb all other tests.
static ALONE: RwLock<()> = RwLock::new(());

#[test]
fn nothing_escapes_from_root_in_layer_1() {
    nothing_escapes(Cell { user: User::Root, layer: Layer::One });
}

#[test]
fn nothing_escapes_from_root_in_layer_2() {
    nothing_escapes(Cell { user: User::Root, layer: Layer::Two });
}

#[test]
fn nothing_escapes_from_an_ordinary_user_in_layer_1() {
    nothing_escapes(Cell { user: User::Ordinary, layer: Layer::One });
}

#[test]
fn nothing_escapes_from_an_ordinary_user_in_layer_2() {
    nothing_escapes(Cell { user: User::Ordinary, layer: Layer::Two });
}

fn nothing_escapes(cell: Cell) {
    let _together = ALONE.read();
    let start = std::time::Instant::now();
    let rows = cell.run();
    println!("{cell}: {} programs in {:?}", rows.len(), start.elapsed());
    table::publish(cell, &rows);
    let escaped: Vec<String> = rows
        .iter()
        .filter_map(|row| match &row.verdict {
            Verdict::Escaped(seen) => Some(format!("{}: {}", row.program, seen.join("; "))),
            _ => None,
        })
        .collect();
    assert!(escaped.is_empty(), "{cell}: {} escaped\n{}", escaped.len(), escaped.join("\n"));
}

/// Not a test by itself: one cell in a process of another user.
#[test]
fn an_ordinary_users_cell() {
    cell::run_if_asked();
}

/// At most a handful of programs may have no control here.
const WITHOUT_CONTROL: usize = 6;

#[test]
fn the_same_programs_succeed_outside() {
    if !cell::is_root() {
        println!("not root: no controls");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (mut failed, mut without) = (Vec::new(), 0);
    // Last, since it waits for the cells.
    let mut programs: Vec<_> = hostile::chosen().collect();
    programs.sort_by_key(|it| it.is(Special::SignalsEverybody));
    for (number, program) in programs.into_iter().enumerate() {
        // Programs may change their own code, so each gets a copy.
        let code = dir.path().join(number.to_string());
        Kit::built().copy_to(&code, None);
        let together = ALONE.read();
        let alone = program.is(Special::SignalsEverybody).then(|| {
            drop(together);
            ALONE.write()
        });
        let start = std::time::Instant::now();
        let came = control::run(program, &Kit::at(&code));
        let took = start.elapsed().as_millis();
        drop(alone);
        std::fs::remove_dir_all(&code).unwrap();
        match came {
            Control::Succeeded(seen) => println!("{} ({took} ms): {}", program.file, seen.join("; ")),
            Control::None(why) => {
                without += 1;
                println!("{}: no control: {why}", program.file);
            }
            Control::Failed(output) => {
                println!("{}: does nothing even outside", program.file);
                failed.push(format!("{}: {output}", program.file));
            }
        }
    }
    assert!(failed.is_empty(), "{} test nothing:\n{}", failed.len(), failed.join("\n"));
    assert!(without <= WITHOUT_CONTROL, "{without} programs without a control");
}
