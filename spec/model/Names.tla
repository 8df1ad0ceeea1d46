------------------------------- MODULE Names -------------------------------
(***************************************************************************)
(* Unique names, moves between rooms, private messages and the history of  *)
(* a room, as the clauses of spec/ mean them, for the channels dialect.    *)
(*                                                                         *)
(* Outboxes and delivery are those of module Rooms: here `sent` is         *)
(* everything that was ever queued to a client, in order, and an eviction  *)
(* may come at any moment. Left out are lists, malformed names, lines that *)
(* are answered by an error alone, backpressure on senders and the         *)
(* shutdown. The events of a step are sent to all at once, a private line  *)
(* with its receipt: the clauses allow other events in between, except     *)
(* events of the same room.                                                *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
    Clients,     \* the connections
    Names,       \* what they may be called
    Rooms,       \* the names of rooms
    Joins,       \* how often a room is joined in all
    Lines,       \* how many messages are said in all
    Tells,       \* how many private messages are tried in all
    Kept,        \* how many messages a room keeps [channels/history-2]
    Endings,     \* how clients end: a subset of {"quit", "evict", "over"}
    Interleaved, \* whether other clients act in the middle of a move
    None         \* no name, no room, nobody

VARIABLES
    outboxState, \* of each client: "open", "closed" or "evicted"
    called,      \* the name that a client has or had, or None
    taken,       \* of each name: the client that has it, or None
    members,     \* of each room, in order of joining
    history,     \* of each room: its last messages
    going,       \* of each client: the room that it moves to, having left its own, or None
    sent,        \* of each client: everything that it was sent
    tells,       \* how many private messages were tried
    order,       \* of each room: its events since ever, in their one order
    spans        \* of each client: which parts of orders are inside its memberships

vars == <<outboxState, called, taken, members, history, going, sent, tells, order, spans>>

-----------------------------------------------------------------------------
(* Definitions.                                                            *)

Range(s) == {s[i] : i \in DOMAIN s}
Without(s, c) == SelectSeq(s, LAMBDA d : d # c)
LastOf(s, n) == IF Len(s) <= n THEN s ELSE SubSeq(s, Len(s) - n + 1, Len(s))
Of(kind, s) == SelectSeq(s, LAMBDA e : e.is = kind)
RECURSIVE CountIn(_, _)
CountIn(kind, rooms) ==
    IF rooms = {} THEN 0
    ELSE LET r == CHOOSE r \in rooms : TRUE
         IN  Len(Of(kind, order[r])) + CountIn(kind, rooms \ {r})

Open(c) == outboxState[c] = "open"
Named(c) == Open(c) /\ called[c] # None
PlaceOf(c) ==
    IF \E r \in Rooms : c \in Range(members[r])
    THEN CHOOSE r \in Rooms : c \in Range(members[r]) ELSE None

(* Events of rooms, and events for one client. A name is written down as   *)
(* the client that has it, for a client has one name for good.             *)
(* [channels/name-5]                                                       *)
Event(kind, r, c, n) == [is |-> kind, room |-> r, who |-> c, n |-> n]
Entered(r, present, lines) == [is |-> "entered", room |-> r, present |-> present, lines |-> lines]
Reply(kind, about) == [is |-> kind, about |-> about]
Private(from, to, n) == [is |-> "private", from |-> from, to |-> to, n |-> n]

To(box, audience, e) ==
    [c \in Clients |-> IF c \in audience /\ Open(c) THEN Append(box[c], e) ELSE box[c]]

NotBusy == Interleaved \/ \A c \in Clients : going[c] = None

-----------------------------------------------------------------------------
(* Leaving a room: c's membership ends before the remaining members are    *)
(* told; the last member takes the room and its history along.             *)
(* [common/unique-2] [channels/leave-2] [channels/room-2]                  *)
(* [channels/history-4]                                                    *)
LeftBy(c) == Event("left", PlaceOf(c), c, 0)
Notice(c, box) ==
    IF PlaceOf(c) = None THEN box
    ELSE To(box, Range(Without(members[PlaceOf(c)], c)), LeftBy(c))
GoOut(c) ==
    IF PlaceOf(c) = None
    THEN UNCHANGED <<members, history, order, spans>>
    ELSE LET r == PlaceOf(c)
             rest == Without(members[r], c)
             left == LeftBy(c)
             last == Len(spans[c])
         IN  /\ members' = [members EXCEPT ![r] = rest]
             /\ history' = [history EXCEPT ![r] = IF rest = <<>> THEN <<>> ELSE @]
             /\ spans' = [spans EXCEPT ![c][last].to = Len(order[r])]
             /\ order' = [order EXCEPT ![r] = Append(@, left)]

(* The end of a client: its name is free again, as its membership ends,    *)
(* before anybody is told. [common/unique-1] [common/unique-2]             *)
GoForGood(c, as) ==
    /\ outboxState' = [outboxState EXCEPT ![c] = as]
    /\ taken' = [n \in Names |-> IF taken[n] = c THEN None ELSE taken[n]]
    /\ going' = [going EXCEPT ![c] = None]
    /\ GoOut(c)
    /\ UNCHANGED called

-----------------------------------------------------------------------------
(* Actions.                                                                *)

Init ==
    /\ outboxState = [c \in Clients |-> "open"]
    /\ called = [c \in Clients |-> None]
    /\ taken = [n \in Names |-> None]
    /\ members = [r \in Rooms |-> <<>>]
    /\ history = [r \in Rooms |-> <<>>]
    /\ going = [c \in Clients |-> None]
    /\ sent = [c \in Clients |-> <<>>]
    /\ tells = 0
    /\ order = [r \in Rooms |-> <<>>]
    /\ spans = [c \in Clients |-> <<>>]

(* `USERNAME {n}` of a client without a name. [channels/name-1]            *)
Name(c, n) ==
    /\ NotBusy /\ Open(c) /\ called[c] = None /\ taken[n] = None
    /\ called' = [called EXCEPT ![c] = n]
    /\ taken' = [taken EXCEPT ![n] = c]
    /\ sent' = To(sent, {c}, Reply("welcome", n))
    /\ UNCHANGED <<outboxState, members, history, going, tells, order, spans>>

(* The same with a taken name. (Once in all: more of it shows nothing      *)
(* new.) [channels/name-4] [common/unique-1] [channels/error-2]            *)
RefuseName(c, n) ==
    /\ NotBusy /\ Open(c) /\ called[c] = None /\ taken[n] # None
    /\ \A d \in Clients : Of("taken", sent[d]) = <<>>
    /\ sent' = To(sent, {c}, Reply("taken", n))
    /\ UNCHANGED <<outboxState, called, taken, members, history, going, tells, order, spans>>

(* `JOIN {r}` of a member of another room: first it departs from that      *)
(* room. [channels/move-1] [channels/move-2]                               *)
MoveOut(c, r) ==
    /\ NotBusy /\ Named(c) /\ PlaceOf(c) \notin {None, r} /\ going[c] = None
    /\ CountIn("join", Rooms) + Cardinality({d \in Clients : going[d] # None}) < Joins
    /\ going' = [going EXCEPT ![c] = r]
    /\ GoOut(c)
    /\ sent' = Notice(c, sent)
    /\ UNCHANGED <<outboxState, called, taken, tells>>

(* The join. The joiner is shown the present members and the last          *)
(* messages, at its join's place in the room's order; the other members    *)
(* are told. [channels/join-1] [channels/join-4] [channels/join-5]         *)
(* [channels/join-6] [channels/history-1] [channels/room-2]                *)
AddMember(c, r) ==
    LET first == members[r] = <<>>
        before == IF first THEN Append(order[r], Event("made", r, None, 0)) ELSE order[r]
        joins == Event("join", r, c, 0)
        scene == Entered(r, members[r], history[r])
    IN  /\ members' = [members EXCEPT ![r] = Append(@, c)]
        /\ order' = [order EXCEPT ![r] = Append(before, joins)]
        /\ spans' = [spans EXCEPT ![c] =
               Append(@, [room |-> r, from |-> Len(before) + 1, to |-> None])]
        /\ sent' = To(To(sent, {c}, scene), Range(members[r]), joins)
        /\ UNCHANGED <<outboxState, called, taken, history, tells>>

(* `JOIN {r}` of a client in no room. [channels/join-1]                    *)
Join(c, r) ==
    /\ NotBusy /\ Named(c) /\ PlaceOf(c) = None /\ going[c] = None
    /\ CountIn("join", Rooms) + Cardinality({d \in Clients : going[d] # None}) < Joins
    /\ AddMember(c, r) /\ UNCHANGED going

(* The second half of a move. [channels/move-2]                            *)
MoveIn(c) ==
    /\ going[c] # None
    /\ going' = [going EXCEPT ![c] = None]
    /\ AddMember(c, going[c])

(* `LEAVE`: out of the room, and the name stays. [channels/leave-1]        *)
Leave(c) ==
    /\ NotBusy /\ Open(c) /\ PlaceOf(c) # None
    /\ GoOut(c)
    /\ sent' = Notice(c, To(sent, {c}, Reply("left you", PlaceOf(c))))
    /\ UNCHANGED <<outboxState, called, taken, going, tells>>

(* A message to the room, the sender included. [channels/msg-1]            *)
(* [channels/history-2] [common/order-1]                                   *)
Say(c) ==
    LET r == PlaceOf(c)
        says == Event("line", r, c, CountIn("line", Rooms) + 1)
    IN  /\ NotBusy /\ Open(c) /\ r # None /\ CountIn("line", Rooms) < Lines
        /\ history' = [history EXCEPT ![r] = LastOf(Append(@, says), Kept)]
        /\ order' = [order EXCEPT ![r] = Append(@, says)]
        /\ sent' = To(sent, Range(members[r]), says)
        /\ UNCHANGED <<outboxState, called, taken, members, going, tells, spans>>

(* `PRIVMSG {n} {text}`: to the client that has the name at that moment,   *)
(* and then the sender is told. [common/tell-1] [common/tell-4]            *)
(* [channels/tell-1] [channels/tell-2] [channels/tell-5]                   *)
Tell(c, n) ==
    /\ NotBusy /\ Named(c) /\ going[c] = None /\ tells < Tells /\ taken[n] # None
    /\ tells' = tells + 1
    /\ sent' = To(To(sent, {taken[n]}, Private(c, taken[n], tells + 1)), {c}, Reply("sent", n))
    /\ UNCHANGED <<outboxState, called, taken, members, history, going, order, spans>>

(* The same with a free name. [channels/tell-3]                            *)
TellNobody(c, n) ==
    /\ NotBusy /\ Named(c) /\ going[c] = None /\ tells < Tells /\ taken[n] = None
    /\ tells' = tells + 1
    /\ sent' = To(sent, {c}, Reply("nobody", n))
    /\ UNCHANGED <<outboxState, called, taken, members, history, going, order, spans>>

(* The same where the line would take its target's outbox over the bound:  *)
(* the target is evicted, its room is told as for any departure, and then  *)
(* the sender is told that nobody has the name. [common/tell-3]            *)
(* [common/outbox-4]                                                       *)
TellOver(c, n) ==
    LET target == taken[n]
        told == Notice(target, sent)
    IN  /\ "over" \in Endings
        /\ NotBusy /\ Named(c) /\ going[c] = None /\ tells < Tells /\ target # None
        /\ tells' = tells + 1
        /\ GoForGood(target, "evicted")
        /\ sent' = IF target = c THEN told ELSE To(told, {c}, Reply("nobody", n))

(* `QUIT`: membership and name are given back, then the client is told.    *)
(* [channels/quit-1] [common/unique-2]                                     *)
Quit(c) ==
    /\ "quit" \in Endings /\ NotBusy /\ Open(c) /\ going[c] = None
    /\ GoForGood(c, "closed")
    /\ sent' = Notice(c, To(sent, {c}, Reply("bye", None)))
    /\ UNCHANGED tells

(* An eviction for any reason, in the middle of a move too.                *)
(* [common/outbox-4] [common/outbox-8] [common/close-3]                    *)
Evict(c) ==
    /\ "evict" \in Endings /\ NotBusy /\ Open(c)
    /\ GoForGood(c, "evicted")
    /\ sent' = Notice(c, sent)
    /\ UNCHANGED tells

Next ==
    \/ \E c \in Clients, n \in Names : Name(c, n)
    \/ \E c \in Clients, n \in Names : RefuseName(c, n)
    \/ \E c \in Clients, r \in Rooms : Join(c, r)
    \/ \E c \in Clients, r \in Rooms : MoveOut(c, r)
    \/ \E c \in Clients : MoveIn(c)
    \/ \E c \in Clients : Leave(c)
    \/ \E c \in Clients : Say(c)
    \/ \E c \in Clients, n \in Names : Tell(c, n)
    \/ \E c \in Clients, n \in Names : TellNobody(c, n)
    \/ \E c \in Clients, n \in Names : TellOver(c, n)
    \/ \E c \in Clients : Quit(c)
    \/ \E c \in Clients : Evict(c)

Fairness == \A c \in Clients : WF_vars(MoveIn(c))

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* Invariants; the special before the general.                             *)

TypeOK ==
    /\ \A c \in Clients : outboxState[c] \in {"open", "closed", "evicted"}
    /\ \A c \in Clients : called[c] \in Names \cup {None} /\ going[c] \in Rooms \cup {None}
    /\ \A n \in Names : taken[n] \in Clients \cup {None}

(* Two clients never have one name. [common/unique-1] [channels/name-4]    *)
UniqueNames == \A c, d \in Clients : Named(c) /\ Named(d) /\ c # d => called[c] # called[d]

(* A name is taken while a client that has not departed has it, and no     *)
(* longer: before anything about a departure is sent, it is free.          *)
(* [common/unique-1] [common/unique-2]                                     *)
GivenBack ==
    \A n \in Names :
        /\ taken[n] # None => Named(taken[n]) /\ called[taken[n]] = n
        /\ \A c \in Clients : Named(c) /\ called[c] = n => taken[n] = c

(* No client is in two rooms, or twice in one, or in one after it has      *)
(* departed from the server. [channels/move-2] [common/unique-2]           *)
OnePlace ==
    /\ \A r \in Rooms : \A i, j \in DOMAIN members[r] : members[r][i] = members[r][j] => i = j
    /\ \A r, q \in Rooms : r # q => Range(members[r]) \cap Range(members[q]) = {}
    /\ \A r \in Rooms : \A c \in Range(members[r]) : Named(c) /\ going[c] = None

(* The history ends with the room. [channels/history-4]                    *)
HistoryGoes == \A r \in Rooms : members[r] = <<>> => history[r] = <<>>

(* The history is the last messages since the room was made.               *)
(* [channels/history-1] [channels/history-2]                               *)
SinceMade(r, s) ==
    LET made == {i \in DOMAIN s : s[i].is = "made"}
    IN  IF made = {} THEN <<>>
        ELSE SubSeq(s, CHOOSE i \in made : \A j \in made : j <= i, Len(s))
HistoryIsTheLast ==
    \A r \in Rooms :
        members[r] # <<>> => history[r] = LastOf(Of("line", SinceMade(r, order[r])), Kept)

(* A private message is sent to its target alone. [common/tell-1]          *)
PrivateToTarget == \A c \in Clients : \A e \in Range(Of("private", sent[c])) : e.to = c

(* A client has as many receipts as it has private messages that were      *)
(* sent. [channels/tell-2] [common/tell-3]                                 *)
ReceiptsAreTrue ==
    \A c \in Clients : Named(c) =>
        Len(Of("sent", sent[c]))
        = Cardinality({e \in UNION {Range(Of("private", sent[d])) : d \in Clients} : e.from = c})

(* The farewell is the last event that a client is sent. [channels/quit-1] *)
FarewellLast ==
    \A c \in Clients : \A i \in DOMAIN sent[c] :
        sent[c][i].is = "bye" => i = Len(sent[c]) /\ ~Open(c)

(* Joins and departures of a client alternate, in each room; the last is a *)
(* join exactly if it is a member. [common/eos-6] [channels/leave-2]       *)
Steps(r, c) == SelectSeq(order[r], LAMBDA e : e.is \in {"join", "left"} /\ e.who = c)
OneDeparture ==
    \A r \in Rooms, c \in Clients :
        /\ \A i \in DOMAIN Steps(r, c) : Steps(r, c)[i].is = IF i % 2 = 1 THEN "join" ELSE "left"
        /\ (Len(Steps(r, c)) % 2 = 1) = (c \in Range(members[r]))

(* Between one join and the next a client is sent events of that room      *)
(* alone. [channels/room-1] [channels/move-2]                              *)
IsOfRoom(e) == e.is \in {"entered", "join", "line", "left"}
NoLeak ==
    \A c \in Clients :
        LET heard == SelectSeq(sent[c], IsOfRoom)
        IN  \A i \in DOMAIN heard : heard[i].is # "entered" =>
                i > 1 /\ heard[i].room = heard[i - 1].room

(* Each message reaches a member once, either in the history that it is    *)
(* shown or when it is said. [channels/history-1]                          *)
EachLineOnce ==
    \A c \in Clients :
        LET heard == SelectSeq(sent[c], IsOfRoom)
            LinesOf(i) == IF heard[i].is = "entered" THEN Range(heard[i].lines)
                         ELSE IF heard[i].is = "line" THEN {heard[i]} ELSE {}
        IN  \A i, j \in DOMAIN heard :
                /\ i < j
                /\ \A k \in (i + 1)..j : heard[k].is # "entered"
                => LinesOf(i) \cap LinesOf(j) = {}

(* A joiner is shown the members at its join, in order of joining.         *)
(* [channels/join-4] [channels/join-5] [channels/list-3]                   *)
RECURSIVE MembersAfter(_)
MembersAfter(s) ==
    IF s = <<>> THEN <<>>
    ELSE LET e == s[Len(s)]
             rest == MembersAfter(SubSeq(s, 1, Len(s) - 1))
         IN  CASE e.is = "join" -> Append(rest, e.who)
               [] e.is = "left" -> Without(rest, e.who)
               [] OTHER -> rest
Blocks(c) == Of("entered", sent[c])
SceneIsTrue ==
    \A c \in Clients : \A i \in DOMAIN spans[c] :
        LET before == SubSeq(order[spans[c][i].room], 1, spans[c][i].from - 1)
        IN  /\ Blocks(c)[i].present = MembersAfter(before)
            /\ Blocks(c)[i].lines = LastOf(Of("line", SinceMade(spans[c][i].room, before)), Kept)

Part(span) ==
    SubSeq(order[span.room], span.from + 1,
           IF span.to = None THEN Len(order[span.room]) ELSE span.to)
(* The events of rooms that a client is sent: for each membership the      *)
(* block that it is shown, and then exactly the part of the room's one     *)
(* order inside of it. [common/order-1] [common/order-3] [channels/join-4] *)
RECURSIVE Parts(_, _)
Parts(c, n) ==
    IF n = 0 THEN <<>> ELSE Parts(c, n - 1) \o <<Blocks(c)[n]>> \o Part(spans[c][n])
ExactPart ==
    \A c \in Clients :
        /\ Len(Blocks(c)) = Len(spans[c])
        /\ SelectSeq(sent[c], IsOfRoom) = Parts(c, Len(spans[c]))

-----------------------------------------------------------------------------
(* Properties of every step.                                               *)

Told(c, kind, n) == sent'[c] # sent[c] /\ sent'[c][Len(sent'[c])] = Reply(kind, n)

(* A name is refused only because another client has it: a freed name can  *)
(* be claimed. [common/unique-1] [common/unique-2]                         *)
FreedCanBeClaimedStep ==
    \A c \in Clients, n \in Names :
        Told(c, "taken", n) => \E d \in Clients \ {c} : Named(d) /\ called[d] = n
FreedCanBeClaimed == [][FreedCanBeClaimedStep]_vars

(* A name of which a client is told that nobody has it is free.            *)
(* [common/tell-3] [channels/tell-3]                                       *)
NobodyMeansFree == [][\A c \in Clients, n \in Names : Told(c, "nobody", n) => taken'[n] = None]_vars

(* Nothing is sent to a client that has departed. [common/eos-4]           *)
(* [common/close-3]                                                        *)
NothingLaterStep == \A c \in Clients : ~Open(c) => sent'[c] = sent[c]
NothingLater == [][NothingLaterStep]_vars

(* Every move ends, in the new room or with the client's end.              *)
(* [channels/move-2]                                                       *)
MovesEnd == \A c \in Clients : going[c] # None ~> going[c] = None

-----------------------------------------------------------------------------
(* Witnesses: TLC has to find each of these violated.                      *)

(* A name that a second client gets. [common/unique-2]                     *)
NeverAgain == \A c, d \in Clients : c # d /\ called[c] # None => called[c] # called[d]
(* A move into a room that has members. [channels/move-2]                  *)
NeverMovedToMembers ==
    \A c \in Clients : Len(spans[c]) < 2 \/ Blocks(c)[2].present = <<>>
(* A history that has dropped a message and is shown. [channels/history-2] *)
NeverShownTheLast ==
    \A c \in Clients : \A i \in DOMAIN spans[c] :
        Blocks(c)[i].lines = <<>> \/ Blocks(c)[i].lines[1].n = 1
(* An eviction in the middle of a move. [channels/move-2]                  *)
NeverLostOnTheWay ==
    [][\A c \in Clients : going[c] # None /\ going'[c] = None => outboxState'[c] = "open"]_vars
(* A private message that evicts a member of a room. [common/tell-3]       *)
NeverEvictedByTell ==
    [][\A c \in Clients :
         outboxState'[c] = "evicted" /\ outboxState[c] = "open" /\ PlaceOf(c) # None
         => tells' = tells]_vars
(* A room that is made again, without the messages of the one before it.   *)
(* [channels/history-4]                                                    *)
NeverMadeAgain ==
    \A r \in Rooms : Len(Of("made", order[r])) < 2 \/ Of("line", order[r]) = <<>>

(* The same without symmetry, for clients, names and rooms that are        *)
(* numbers: clients get names in order, the first is called 1, and the     *)
(* first room joined is room 1.                                            *)
InTurn ==
    /\ \A c \in Clients : called'[c] # None =>
           IF c = 1 THEN called'[c] = 1 ELSE called'[c - 1] # None
    /\ \A r \in Rooms : order'[r] # <<>> => r = 1 \/ order'[1] # <<>>

(* Clients are alike, and so are names and rooms.                          *)
Symmetry == Permutations(Clients) \cup Permutations(Names) \cup Permutations(Rooms)
=============================================================================
