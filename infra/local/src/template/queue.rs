//! Queues, and the functions that work them: `AWS::SQS::Queue` and a function's event of type `SQS`.

use std::time::Duration;

use super::resource::{Properties, Resource};
use super::yaml::Entry;
use super::{Refusal, Stack};

#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) line: usize,
    pub(crate) visibility: Duration,
    pub(crate) retention: Duration,
    pub(crate) redrive: Option<Redrive>,
}

/// Where a message goes that was received too often.
#[derive(Debug, Clone)]
pub(crate) struct Redrive {
    pub(crate) queue_arn: String,
    pub(crate) max_receive_count: u32,
}

/// A function that is invoked with what is in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    pub(crate) function: String,
    pub(crate) queue_arn: String,
    pub(crate) line: usize,
    pub(crate) batch_size: usize,
    /// How long a batch waits to be full.
    pub(crate) window: Duration,
    /// Whether the function says which messages failed.
    pub(crate) reports_failures: bool,
    pub(crate) max_concurrency: usize,
}

pub(crate) fn read(resource: &Resource, properties: &mut Properties) -> Result<Queue, Refusal> {
    let seconds = |number: Option<i64>, default: u64| {
        Duration::from_secs(number.map_or(default, i64::unsigned_abs))
    };
    let visibility = properties.number("VisibilityTimeout", 0..=43_200)?;
    let retention = properties.number("MessageRetentionPeriod", 60..=1_209_600)?;
    let redrive = match properties.nested("RedrivePolicy")? {
        Some(mut given) => {
            let queue_arn = given.required("deadLetterTargetArn")?;
            let line = given.line();
            let count = given.number("maxReceiveCount", 1..=1000)?;
            given.finish()?;
            let count = count.and_then(|count| u32::try_from(count).ok());
            let Some(max_receive_count) = count else {
                return Err(Refusal::at(line, "`RedrivePolicy` needs `maxReceiveCount`"));
            };
            Some(Redrive { queue_arn, max_receive_count })
        }
        None => None,
    };
    // Nothing is encrypted or shared on one machine.
    properties.ignore(&["KmsMasterKeyId", "SqsManagedSseEnabled", "Tags"]);
    let names = super::names(resource, &super::Scope::default());
    Ok(Queue {
        name: names.attributes.get("QueueName").cloned().unwrap_or_default(),
        arn: names.attributes.get("Arn").cloned().unwrap_or_default(),
        line: resource.line,
        visibility: seconds(visibility, 30),
        retention: seconds(retention, 345_600),
        redrive,
    })
}

pub(crate) fn event(function: &str, entry: &Entry) -> Result<Mapping, Refusal> {
    let line = entry.line;
    let mut event = Properties::from("an event", line, &entry.value)?;
    event.ignore(&["Type"]);
    let missing = Refusal::at(line, "an SQS event needs `Properties`");
    let mut given = event.nested("Properties")?.ok_or(missing)?;
    event.finish()?;
    let queue_arn = given.required("Queue")?;
    let size_line = given.line_of("BatchSize");
    let batch_size = given.number("BatchSize", 1..=10_000)?.unwrap_or(10);
    let window = given.number("MaximumBatchingWindowInSeconds", 0..=300)?.unwrap_or(0);
    if batch_size > 10 && window == 0 {
        let message = "a `BatchSize` over 10 needs `MaximumBatchingWindowInSeconds` of at least 1";
        return Err(Refusal::at(size_line, message));
    }
    let types_line = given.line_of("FunctionResponseTypes");
    let types = given.texts("FunctionResponseTypes")?.unwrap_or_default();
    if let Some(other) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
        return Err(Refusal::at(types_line, format!("unknown function response type `{other}`")));
    }
    // Lambda starts with five pollers.
    let mut max_concurrency = 5;
    if let Some(mut scaling) = given.nested("ScalingConfig")? {
        max_concurrency = scaling.number("MaximumConcurrency", 2..=1000)?.unwrap_or(5);
        scaling.finish()?;
    }
    given.finish()?;
    let size = |number: i64| usize::try_from(number).unwrap_or(1);
    Ok(Mapping {
        function: function.to_owned(),
        queue_arn,
        line,
        batch_size: size(batch_size),
        window: Duration::from_secs(window.unsigned_abs()),
        reports_failures: !types.is_empty(),
        max_concurrency: size(max_concurrency),
    })
}

/// Gives the queues their functions, and refuses what Lambda or SQS would refuse at deployment.
pub(crate) fn attach(stack: &mut Stack, mappings: Vec<Mapping>) -> Result<(), Refusal> {
    let known = |arn: &str| stack.queues.iter().find(|queue| queue.arn == arn);
    for queue in &stack.queues {
        let Some(redrive) = &queue.redrive else { continue };
        match known(&redrive.queue_arn) {
            Some(dead) if dead.name != queue.name => {}
            _ => {
                let message = "`deadLetterTargetArn` must be another queue of this template";
                return Err(Refusal::at(queue.line, message));
            }
        }
    }
    for function in stack.functions.values() {
        if function.event_invoke.on_failure.as_deref().is_some_and(|arn| known(arn).is_none()) {
            let message = "the `Destination` of failures is no queue of this template";
            return Err(Refusal::at(function.line, message));
        }
    }
    let mut warnings = Vec::new();
    for mapping in &mappings {
        let Some(queue) = known(&mapping.queue_arn) else {
            return Err(Refusal::at(mapping.line, "`Queue` is no queue of this template"));
        };
        let Some(function) = stack.functions.get(&mapping.function) else { continue };
        let (visibility, timeout) = (queue.visibility.as_secs(), function.timeout.as_secs());
        if visibility < timeout {
            let message = format!(
                "Queue visibility timeout: {visibility} seconds is less than Function timeout: \
                 {timeout} seconds"
            );
            return Err(Refusal::at(mapping.line, message));
        }
        if visibility < 6 * timeout + mapping.window.as_secs() {
            warnings.push(format!(
                "`{}` may work on a batch for {timeout} s; AWS advises a visibility timeout of six \
                 times that and the batching window, not {visibility} s",
                mapping.function
            ));
        }
        if function.reserved_concurrency.is_some_and(|most| most < mapping.max_concurrency) {
            warnings.push(format!(
                "`{}` is invoked for {} batches at a time but runs fewer: messages that find it \
                 busy are counted as received",
                mapping.function, mapping.max_concurrency
            ));
        }
    }
    stack.warnings.append(&mut warnings);
    stack.mappings = mappings;
    Ok(())
}
