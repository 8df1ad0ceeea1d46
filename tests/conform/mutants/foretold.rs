//! The behaviour of a right server in a conversation, by the model.

use super::script::{Conversation, Step};
use parlance_model::{Model, OutboxState, Parting};

/// After one step: how many bytes each client has heard since it connected, and whether its stream
/// has ended.
pub(super) type After = Vec<(usize, bool)>;

pub(super) struct Foretold {
    /// All steps, the last ones included that end the open connections.
    pub(super) steps: Vec<(usize, Step, After)>,
    /// Everything each client hears.
    pub(super) heard: Vec<Vec<u8>>,
}

pub(super) fn foretold(conversation: &Conversation) -> Foretold {
    let mut model = Model::new(conversation.config, conversation.dialect);
    let mut now = 0;
    let mut steps = Vec::new();
    for (who, step) in &conversation.steps {
        act(&mut model, *who, step, &mut now);
        steps.push((*who, step.clone(), after(&mut model, now)));
    }
    for who in 0..model.clients() {
        if is_served(model.outbox_state(who)) {
            act(&mut model, who, &Step::Finish, &mut now);
            steps.push((who, Step::Finish, after(&mut model, now)));
        }
    }
    let heard = (0..model.clients()).map(|id| model.delivered(id).to_vec()).collect();
    Foretold { steps, heard }
}

fn act(model: &mut Model, who: usize, step: &Step, now: &mut u64) {
    match step {
        Step::Connect => assert_eq!(model.connect(*now), who),
        Step::Send(bytes) => {
            model.receive(who, bytes, *now);
        }
        Step::Finish => model.end_of_stream(who, *now),
        Step::Reset => model.reset(who, *now),
        Step::Time(time) => {
            *now += u64::try_from(time.as_nanos()).unwrap();
            (0..model.clients()).for_each(|id| model.tick(id, *now));
        }
    }
}

/// All clients take everything, and senders that waited for that go on.
fn after(model: &mut Model, now: u64) -> After {
    loop {
        (0..model.clients()).for_each(|id| model.accept_bytes(id, usize::MAX, now));
        let Some(held) = (0..model.clients()).find(|id| model.is_held(*id)) else { break };
        model.retry(held, now);
    }
    let ended = |id: usize| !is_served(model.outbox_state(id));
    (0..model.clients()).map(|id| (model.delivered(id).len(), ended(id))).collect()
}

fn is_served(outbox_state: &OutboxState) -> bool {
    !matches!(
        outbox_state,
        OutboxState::Evicted
            | OutboxState::Reset
            | OutboxState::Departed(
                Parting::Closed | Parting::Silent | Parting::Lingering | Parting::Flushing
            )
    )
}
