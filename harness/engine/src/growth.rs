//! Measuring how CPU time grows with a text: which text of an event it is, and at which lengths.
//!
//! An event that took long on the wall is only a reason to look. Processes of their own are measured, without an observer. What
//! is delivered to them does not count as events of the run: how often there is a reason to look is a matter of the machine.

mod lengths;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use evfuzz_emulator::{Environment, Outcome};
use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::edit::Edit;
use evfuzz_generators::point::Locator;
use evfuzz_generators::stretch::Run;

use crate::error::EngineError;
use crate::invoke::Invoker;
use crate::judge::{Growth, MEASURABLE};
use crate::observe::{Cost, CostEnd, Curve, Observation};

/// CPU time that one event may cost.
const FLOOR: Duration = Duration::from_secs(1);

/// A function that may take minutes is not measured for minutes.
const LONGEST_TIME: Duration = Duration::from_secs(3);

/// No expression is exponential on so many characters without being it on few, which are tried as well.
const LONG: usize = 1_000;

/// Longer texts are not tried.
const LONGEST: usize = 4 << 20;

/// What is not done in its time, though it had no whole share of the machine, gets so many times as much.
const BUSY: u32 = 4;

/// Lengths that are tried.
const MOST_LENGTHS: usize = 20;

/// Events before anything is measured: code is loaded and compiled at the first ones.
const WARM_UP: usize = 3;

/// A part of an event that has so much of the cost of the whole is the cause of it.
const MOST_OF_IT: f64 = 0.6;

/// Texts of a case that can be made longer, with where they stand.
pub(crate) fn stretched(case: &TestCase) -> Vec<(Locator, String)> {
    let text_of = |edit: &Edit| match edit {
        Edit::SetText { at, text } => Some((at.clone(), text.clone())),
        _ => None,
    };
    case.edits.iter().filter_map(text_of).filter(|(_, text)| Run::of(text).is_some()).collect()
}

/// Whether `case` has a text that is there for its length.
pub(crate) fn is_long(case: &TestCase) -> bool {
    stretched(case).iter().any(|(_, text)| text.len() >= LONG)
}

/// Measures how the CPU time of `case` grows with one of its texts. `None`: with none of them, as far as can be told.
///
/// The case that comes back has that text alone, at the length that costs too much.
pub(crate) async fn measure(
    invoker: &mut Invoker<'_>,
    case: &TestCase,
    timeout: Duration,
) -> Result<Option<(Rc<TestCase>, Observation)>, EngineError> {
    let seed = &case.seed;
    let timeout = timeout.min(LONGEST_TIME);
    let mut gauge = Gauge::new(seed, timeout);
    let Some((at, text)) = cause(invoker, &mut gauge, seed, stretched(case)).await? else { return Ok(None) };
    let Some(run) = Run::of(&text) else { return Ok(None) };
    let stretch = Stretch { seed: TestCase::new(Arc::clone(seed)), at, run };
    let Some(point) = stretch.point() else { return Ok(None) };
    let mut curve = Curve { point, costs: Vec::new(), floor: floor(timeout) };
    stretch.draw(invoker, &mut gauge, &mut curve).await?;
    let Some(Growth { from, middle, to, .. }) = Growth::of(&curve) else { return Ok(None) };
    let mut again = Curve { costs: Vec::new(), ..curve };
    let mut fresh = Gauge::new(seed, timeout);
    for times in [from.times, middle.times, to.times] {
        let Some(cost) = stretch.cost(invoker, &mut fresh, times).await? else { return Ok(None) };
        // It was measurable before, so no threshold is hidden there; less makes the growth look larger than it is.
        again.costs.push(Cost { cpu: cost.cpu.max(MEASURABLE), ..cost });
    }
    let slow = stretch.case(to.times);
    Ok(slow.map(|case| (Rc::new(case), Observation { curve: Some(again), ..Observation::nothing() })))
}

/// Whether `case` is answered, and costs little CPU time.
pub(crate) async fn is_cheap(
    invoker: &mut Invoker<'_>,
    case: &TestCase,
    timeout: Duration,
) -> Result<bool, EngineError> {
    let timeout = timeout.min(LONGEST_TIME);
    let mut gauge = Gauge::new(&case.seed, timeout);
    let cost = gauge.cpu(invoker, case).await?;
    Ok(cost.is_some_and(|(cpu, end)| end == CostEnd::Answered && cpu < floor(timeout)))
}

/// Which of the texts makes the event slow.
async fn cause(
    invoker: &mut Invoker<'_>,
    gauge: &mut Gauge,
    seed: &Arc<Seed>,
    mut texts: Vec<(Locator, String)>,
) -> Result<Option<(Locator, String)>, EngineError> {
    let with = |texts: &[(Locator, String)]| {
        let mut case = TestCase::new(Arc::clone(seed));
        case.edits
            .extend(texts.iter().map(|(at, text)| Edit::SetText { at: at.clone(), text: text.clone() }));
        case
    };
    while texts.len() > 1 {
        let Some((whole, _)) = gauge.cpu(invoker, &with(&texts)).await? else { return Ok(None) };
        let right = texts.split_off(texts.len() / 2);
        let Some((left_cost, _)) = gauge.cpu(invoker, &with(&texts)).await? else { return Ok(None) };
        if left_cost.as_secs_f64() >= whole.as_secs_f64() * MOST_OF_IT {
            continue;
        }
        let Some((right_cost, _)) = gauge.cpu(invoker, &with(&right)).await? else { return Ok(None) };
        // Several may be slow.
        if right_cost > left_cost {
            texts = right;
        }
    }
    Ok(texts.pop())
}

/// A text of an event at several lengths.
struct Stretch<'t> {
    seed: TestCase,
    at: Locator,
    run: Run<'t>,
}

impl Stretch<'_> {
    /// The event with so many repetitions, if it can be sent.
    fn case(&self, times: usize) -> Option<TestCase> {
        self.seed.with_text(&self.at, self.run.text(times))
    }

    fn point(&self) -> Option<String> {
        let case = self.case(self.run.times())?;
        Some(case.wire().point(case.seed.source, &self.at)?.path().to_owned())
    }

    async fn cost(
        &self,
        invoker: &mut Invoker<'_>,
        gauge: &mut Gauge,
        times: usize,
    ) -> Result<Option<Cost>, EngineError> {
        let bytes = self.run.text(times).len();
        let Some(case) = self.case(times).filter(|_| bytes <= LONGEST) else { return Ok(None) };
        let Some((mut cpu, end)) = gauge.cpu(invoker, &case).await? else { return Ok(None) };
        if cpu >= MEASURABLE && cpu < FLOOR / 2 && end == CostEnd::Answered {
            // What disturbs a measurement makes it longer.
            let Some((again, _)) = gauge.cpu(invoker, &case).await? else { return Ok(None) };
            cpu = cpu.min(again);
        }
        Ok(Some(Cost { times, bytes, cpu, end }))
    }

    /// Measures it at the lengths that tell how the CPU time grows.
    async fn draw(
        &self,
        invoker: &mut Invoker<'_>,
        gauge: &mut Gauge,
        curve: &mut Curve,
    ) -> Result<(), EngineError> {
        for _ in 0..MOST_LENGTHS {
            let Some(times) = lengths::next(curve, self.run.times()) else { break };
            let Some(cost) = self.cost(invoker, gauge, times).await? else { break };
            curve.costs.push(cost);
        }
        Ok(())
    }
}

/// A process in which CPU time is measured.
struct Gauge {
    seed: Rc<TestCase>,
    timeout: Duration,
    environment: Option<Environment>,
}

impl Gauge {
    fn new(seed: &Arc<Seed>, timeout: Duration) -> Gauge {
        Gauge { seed: Rc::new(TestCase::new(Arc::clone(seed))), timeout, environment: None }
    }

    /// The CPU time that an event costs. `None`: its process ended.
    async fn cpu(
        &mut self,
        invoker: &mut Invoker<'_>,
        case: &TestCase,
    ) -> Result<Option<(Duration, CostEnd)>, EngineError> {
        let measured = self.cpu_within(invoker, case, self.timeout).await?;
        match measured {
            // Others were at work on this machine: it has not had its time.
            Some((cpu, CostEnd::TimedOut)) if cpu >= self.timeout / 20 && cpu < floor(self.timeout) => {
                self.cpu_within(invoker, case, self.timeout * BUSY).await
            }
            measured => Ok(measured),
        }
    }

    async fn cpu_within(
        &mut self,
        invoker: &mut Invoker<'_>,
        case: &TestCase,
        time: Duration,
    ) -> Result<Option<(Duration, CostEnd)>, EngineError> {
        if !invoker.may_go_on() {
            return Ok(None);
        }
        let mut environment = match self.environment.take() {
            Some(environment) => environment,
            None => {
                let mut environment = invoker.fresh().await?;
                for _ in 0..WARM_UP {
                    if deliver(&mut environment, &self.seed, time).await.is_none() {
                        return Ok(None);
                    }
                }
                environment
            }
        };
        let Some(before) = environment.usage().await else { return Ok(None) };
        let Some(outcome) = deliver(&mut environment, case, time).await else { return Ok(None) };
        let Some(after) = environment.usage().await else { return Ok(None) };
        let cpu = after.cpu.saturating_sub(before.cpu);
        match outcome {
            Outcome::TimedOut { .. } => {
                environment.close().await;
                Ok(Some((cpu, CostEnd::TimedOut)))
            }
            outcome if outcome.ended_the_process() => Ok(None),
            _ => {
                self.environment = Some(environment);
                Ok(Some((cpu, CostEnd::Answered)))
            }
        }
    }
}

/// CPU time that is too much. What a timeout ends has used most of it, if it was at work.
fn floor(timeout: Duration) -> Duration {
    FLOOR.min(timeout.mul_f64(0.8))
}

/// How it ended. `None`: the process is gone, by this event or by what an earlier one has left behind.
async fn deliver(environment: &mut Environment, case: &TestCase, time: Duration) -> Option<Outcome> {
    environment.wait_ready().await.ok()?;
    let invocation = environment.invoke_within(Bytes::from(case.sent().bytes).into(), time).await.ok()?;
    Some(invocation.outcome)
}
