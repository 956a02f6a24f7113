//! Which wake-ups of the connections are worth a turn of the event loop.
//!
//! hyper wakes its own task when the body of a request is asked for, and again when it comes: while the connections are
//! being served. Whoever serves them has news then, and serves them again before it waits. Passed on, such a wake-up would
//! cost one turn more of the event loop, and of everything that is polled in it, for every event.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

/// Whether the one who serves has heard of something, and so will serve again before it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// It has.
    Some,
    /// It has not.
    None,
}

/// Serves with a waker of its own.
pub(crate) struct Turn {
    state: Arc<Shared>,
    waker: Waker,
}

/// Used by one thread at a time; [`Wake`] asks for more.
struct Shared {
    outer: Mutex<Waker>,
    is_serving: AtomicBool,
    was_woken: AtomicBool,
}

impl Turn {
    pub(crate) fn new() -> Turn {
        let state = Arc::new(Shared {
            outer: Mutex::new(Waker::noop().clone()),
            is_serving: AtomicBool::new(false),
            was_woken: AtomicBool::new(false),
        });
        Turn { waker: Waker::from(Arc::clone(&state)), state }
    }

    /// Wakes `cx` for whatever happens to what is polled in `serve`, but not for what that does to itself, if there is
    /// news.
    pub(crate) fn take(&self, cx: &Context<'_>, serve: impl FnOnce(&mut Context<'_>) -> News) -> News {
        let state = &self.state;
        {
            let mut outer = state.outer.lock().unwrap_or_else(PoisonError::into_inner);
            outer.clone_from(cx.waker());
        }
        state.was_woken.store(false, Ordering::Relaxed);
        state.is_serving.store(true, Ordering::Relaxed);
        let news = serve(&mut Context::from_waker(&self.waker));
        state.is_serving.store(false, Ordering::Relaxed);
        if news == News::None && state.was_woken.load(Ordering::Relaxed) {
            cx.waker().wake_by_ref();
        }
        news
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_serving.load(Ordering::Relaxed) {
            self.was_woken.store(true, Ordering::Relaxed);
        } else {
            self.outer.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn only_what_wakes_itself_while_there_is_news_is_not_passed_on() {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let cx = Context::from_waker(&waker);
        let woken = || count.0.load(Ordering::Relaxed);
        let turn = Turn::new();
        let mut inner = None;
        turn.take(&cx, |cx| {
            inner = Some(cx.waker().clone());
            News::None
        });
        assert_eq!(woken(), 0);
        // From outside: an event of the loop.
        inner.as_ref().unwrap().wake_by_ref();
        assert_eq!(woken(), 1);
        for (news, expected) in [(News::Some, 1), (News::None, 2)] {
            turn.take(&cx, |cx| {
                cx.waker().wake_by_ref();
                news
            });
            assert_eq!(woken(), expected, "{news:?}");
        }
    }
}
