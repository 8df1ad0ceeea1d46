------------------------------- MODULE Waits -------------------------------
(***************************************************************************)
(* Senders that wait in one room: the fair queue, the tickets with          *)
(* congested members, and the wake-ups that keep it moving. [common/flow-1] *)
(* [common/flow-5]                                                          *)
(*                                                                          *)
(* A sender is a task. It runs when it has a line to say, and when it was   *)
(* woken. The model leaves out time: the server also looks again after some *)
(* time, but nothing here depends on it. What the members are sent is in    *)
(* module Rooms; here a line congests any of them. That a member is         *)
(* exhausted, departs or is evicted ends its congestion, as reading does.   *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
    Senders,     \* the clients that say something
    Heavy,       \* those of them whose lines cost 2; the others' cost 1
    Members,     \* the clients that may be congested
    Lines        \* how many lines each sender says

ASSUME Heavy \subseteq Senders

VARIABLES
    queue,       \* the senders that wait, by tag and then by the beginning of the wait
    tag,         \* of each sender that waits: its tag
    passed,      \* the virtual time; 0 while no sender waits. How far it grows is left open
    woken,       \* the senders that were woken and did not run since
    tickets,     \* <<member, sender>>: the member wakes the sender
    congested,   \* members
    left,        \* of each sender: how many lines it still has to say
    gone         \* the senders that have departed

vars == <<queue, tag, passed, woken, tickets, congested, left, gone>>

-----------------------------------------------------------------------------
(* Definitions.                                                            *)

Range(s) == {s[i] : i \in DOMAIN s}
Cost(s) == IF s \in Heavy THEN 2 ELSE 1
Waits(s) == s \in Range(queue)

(* The tag of a line that a sender has or would get now.                   *)
TagOf(s) == IF Waits(s) THEN tag[s] ELSE passed + Cost(s)

(* The senders whose lines come before the line of a sender.               *)
Ahead(s) ==
    IF Waits(s)
    THEN {queue[i] : i \in {j \in DOMAIN queue : \E k \in DOMAIN queue : queue[k] = s /\ j < k}}
    ELSE {t \in Range(queue) : tag[t] <= TagOf(s)}

(* The queue with a sender in its place.                                   *)
With(s) ==
    IF Waits(s) THEN queue
    ELSE LET earlier == SelectSeq(queue, LAMBDA t : tag[t] <= TagOf(s))
             later == SelectSeq(queue, LAMBDA t : tag[t] > TagOf(s))
         IN  earlier \o <<s>> \o later
Without(s) == SelectSeq(queue, LAMBDA t : t # s)

First(q) == IF q = <<>> THEN {} ELSE {Head(q)}

(* A sender runs: it has a line to say and does not wait, or was woken.    *)
Runs(s) == s \notin gone /\ left[s] > 0 /\ (s \in woken \/ ~Waits(s))

-----------------------------------------------------------------------------
(* Actions.                                                                *)

Init ==
    /\ queue = <<>> /\ tag = [s \in Senders |-> 0] /\ passed = 0
    /\ woken = {} /\ tickets = {} /\ congested = {} /\ gone = {}
    /\ left = [s \in Senders |-> Lines]

Wait(s) ==
    /\ queue' = With(s)
    /\ tag' = [tag EXCEPT ![s] = TagOf(s)]
    /\ woken' = woken \ {s}
    /\ UNCHANGED <<passed, congested, left, gone>>

(* A line that comes after another waits for it, without a ticket.         *)
(* [common/flow-5]                                                         *)
WaitBehind(s) ==
    /\ Runs(s) /\ Ahead(s) # {}
    /\ Wait(s)
    /\ UNCHANGED tickets

(* The first line waits for congested members. [common/flow-1]             *)
WaitForMembers(s) ==
    /\ Runs(s) /\ Ahead(s) = {} /\ congested # {}
    /\ Wait(s)
    /\ tickets' = tickets \cup {<<m, s>> : m \in congested}

(* The first line goes on, which resumes the next. It may congest members. *)
(* [common/flow-1] [common/flow-5]                                         *)
GoOn(s) ==
    /\ Runs(s) /\ Ahead(s) = {} /\ congested = {}
    /\ queue' = Without(s)
    /\ passed' \in IF queue' = <<>> THEN {0}
                  ELSE IF Waits(s) THEN passed..tag[Head(queue')] ELSE {passed}
    /\ woken' = (woken \ {s}) \cup (IF Waits(s) THEN First(queue') ELSE {})
    /\ left' = [left EXCEPT ![s] = @ - 1]
    /\ congested' \in SUBSET Members
    /\ UNCHANGED <<tag, tickets, gone>>

(* A member is congested no longer, and wakes those that have a ticket.    *)
(* [common/flow-5]                                                         *)
Drain(m) ==
    /\ m \in congested
    /\ congested' = congested \ {m}
    /\ woken' = woken \cup {s \in Range(queue) : <<m, s>> \in tickets}
    /\ tickets' = {t \in tickets : t[1] # m}
    /\ UNCHANGED <<queue, tag, passed, left, gone>>

(* A sender departs, is evicted or waits for its own replies from now on,  *)
(* which resumes the next. [common/flow-6] [common/reply-3]                *)
Leave(s) ==
    /\ s \notin gone
    /\ gone' = gone \cup {s}
    /\ queue' = Without(s)
    /\ passed' = IF queue' = <<>> THEN 0 ELSE passed
    /\ woken' = (woken \ {s}) \cup (IF Waits(s) THEN First(queue') ELSE {})
    /\ tickets' = {t \in tickets : t[2] # s}
    /\ UNCHANGED <<tag, congested, left>>

Next ==
    \/ \E s \in Senders : WaitBehind(s)
    \/ \E s \in Senders : WaitForMembers(s)
    \/ \E s \in Senders : GoOn(s)
    \/ \E m \in Members : Drain(m)
    \/ \E s \in Senders : Leave(s)

(* A woken task runs, and no member stays congested for ever: it reads, or *)
(* its budget is exhausted.                                                *)
Fairness ==
    /\ \A s \in Senders : WF_vars(s \in woken /\ (WaitBehind(s) \/ WaitForMembers(s) \/ GoOn(s)))
    /\ \A m \in Members : WF_vars(Drain(m))

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* Properties of every state.                                              *)

TypeOK ==
    /\ queue \in Seq(Senders) /\ tag \in [Senders -> Nat] /\ passed \in Nat
    /\ woken \subseteq Senders /\ tickets \subseteq Members \X Senders
    /\ congested \subseteq Members /\ left \in [Senders -> 0..Lines] /\ gone \subseteq Senders

(* A sender waits once, in the order of the tags. [common/flow-5]          *)
OnceAndInOrder ==
    /\ Cardinality(Range(queue)) = Len(queue)
    /\ \A i, j \in DOMAIN queue : i < j => tag[queue[i]] <= tag[queue[j]]

(* The first sender was woken, or a congested member will wake it.         *)
(* [common/flow-5]                                                         *)
NoLostWakeUp ==
    queue # <<>> =>
        \/ Head(queue) \in woken
        \/ \E m \in congested : <<m, Head(queue)>> \in tickets

(* Nobody who has departed waits. [common/flow-6]                          *)
NoGhostWaits == Range(queue) \cap gone = {}

(* The virtual time never passes a line that waits.                        *)
(* [common/flow-5]                                                         *)
NobodyIsOvertaken == \A s \in Range(queue) : tag[s] >= passed

-----------------------------------------------------------------------------
(* Liveness, under Fairness.                                               *)

(* A sender that waits is heard or departs, whatever the others say.       *)
(* [common/flow-5]                                                         *)
EveryWaitEnds == \A s \in Senders : Waits(s) ~> ~Waits(s)

-----------------------------------------------------------------------------
(* Witnesses: TLC has to find each of these violated.                      *)

(* A light line goes before a heavy one that waits already. [common/flow-5] *)
NeverGoesBefore ==
    [][\A s \in Senders : ~Waits(s) /\ s \in Range(queue') =>
         queue'[Len(queue')] = s]_vars
(* All senders wait at once. [common/flow-5]                               *)
NeverAllWait == Range(queue) # Senders
(* A sender that is not the first is woken. [common/flow-5]                *)
NeverWokenBehind == \A i \in DOMAIN queue : i > 1 => queue[i] \notin woken

Symmetry == Permutations(Members)
=============================================================================
