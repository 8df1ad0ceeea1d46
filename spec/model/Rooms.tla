------------------------------- MODULE Rooms -------------------------------
(***************************************************************************)
(* Rooms, membership, order, outboxes, delivery, evictions and the drain,  *)
(* as the clauses of spec/ mean them, for the rooms dialect.               *)
(*                                                                         *)
(* A client is one connection and joins once. The clauses count bytes; the *)
(* model counts entries: an outbox holds at most Bound of them. The model  *)
(* leaves out that a connection takes a part of an entry, time, the total  *)
(* of all outboxes [common/outbox-9], and backpressure on senders          *)
(* [common/flow-1], which only delays a line. Time appears as choice: a    *)
(* client that is no reader may exhaust its stall budget at any moment at  *)
(* which entries are pending for it.                                       *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
    Clients,     \* the connections
    Rooms,       \* the names of rooms
    Lines,       \* how many lines are said in all
    Bound,       \* how many entries an outbox holds [common/outbox-4]
    Readers,     \* the clients that always go on reading, and in time
    Endings,     \* the ways in which a membership may end: a subset of AllEndings
    Interleaved, \* whether anything happens between the waves of one eviction
    None         \* no room

AllEndings == {"end", "reset", "error", "stall", "giveup", "shutdown"}

ASSUME Readers \subseteq Clients /\ Endings \subseteq AllEndings /\ Bound > 0

VARIABLES
    outboxState, \* of each client, one of OutboxStates
    place,       \* the room that a client has joined, or None
    members,     \* of each room, in order of joining
    exists,      \* the rooms that there are
    wave,        \* of each room: the evicted clients that are not announced yet
    outbox,      \* of each client: entries, each a sequence of events
    received,    \* of each client: the events that have arrived
    down,        \* the server is shutting down
    order,       \* of each room: its events since ever, in their one order
    span         \* of each client: which part of that is inside its membership

server == <<outboxState, place, members, exists, wave, outbox, down>>
vars == <<outboxState, place, members, exists, wave, outbox, received, down, order, span>>

(* "new" has not joined; "open" is a member; "closed" has departed, or the *)
(* server shuts down: its pending entries are still sent; "evicted" and    *)
(* "cut" get nothing more, the first by the server's doing, the second by  *)
(* the client's.                                                           *)
OutboxStates == {"new", "open", "closed", "evicted", "cut"}

Event(kind, room, who, n) == [is |-> kind, room |-> room, who |-> who, n |-> n]

-----------------------------------------------------------------------------
(* Definitions.                                                            *)

Range(s) == {s[i] : i \in DOMAIN s}
Without(s, gone) == SelectSeq(s, LAMBDA c : c \notin gone)

RECURSIVE Flat(_)
Flat(entries) == IF entries = <<>> THEN <<>> ELSE Head(entries) \o Flat(Tail(entries))

(* Everything that a client was ever sent, arrived or pending.             *)
Sent(c) == received[c] \o Flat(outbox[c])

IsLine(e) == e.is = "line"
LinesBy(c) == IF place[c] = None THEN 0
              ELSE Len(SelectSeq(order[place[c]], LAMBDA e : IsLine(e) /\ e.who = c))
RECURSIVE LinesIn(_)
LinesIn(rooms) == IF rooms = {} THEN 0
                  ELSE LET r == CHOOSE r \in rooms : TRUE
                       IN  Len(SelectSeq(order[r], IsLine)) + LinesIn(rooms \ {r})

(* During the waves of an eviction nothing else happens in the room; where *)
(* nothing is interleaved, nothing else happens in the server.             *)
Busy(r) == wave[r] # {}
AllQuiet == \A r \in Rooms : ~Busy(r)
Quiet(r) == ~Busy(r) /\ (Interleaved \/ AllQuiet)

(* One entry for every open client of an audience. A client whose outbox   *)
(* is full is evicted instead, and its pending entries are dropped.        *)
(* [common/outbox-2] [common/outbox-4] [common/close-3]                    *)
Full(box, c) == Len(box[c]) + 1 > Bound
Post(states, box, audience, entry) ==
    LET open == {c \in audience : states[c] = "open"}
        full == {c \in open : Full(box, c)}
    IN  [full |-> full,
         outboxState |-> [c \in Clients |-> IF c \in full THEN "evicted" ELSE states[c]],
         outbox |-> [c \in Clients |->
             CASE c \in full -> <<>>
               [] c \in open \ full -> Append(box[c], entry)
               [] OTHER -> box[c]]]

(* The server after posting; the clients evicted by it are the next wave   *)
(* of room r.                                                              *)
Posted(r, post) ==
    /\ outboxState' = post.outboxState
    /\ outbox' = post.outbox
    /\ wave' = [wave EXCEPT ![r] = post.full]

(* A room exists exactly while it has members. [rooms/room-2]              *)
MembersBecome(r, list) ==
    /\ members' = [members EXCEPT ![r] = list]
    /\ exists' = IF list = <<>> THEN exists \ {r} ELSE exists \cup {r}

(* The clients in gone depart from r, with the given outbox states and     *)
(* outboxes: their membership ends before anybody is told, and the other   *)
(* members are told in one entry, in order of joining. Nobody is told once *)
(* the server shuts down. [common/unique-2] [common/eos-6]                 *)
(* [common/outbox-6] [common/shutdown-1] [rooms/leave-1]                   *)
Depart(r, gone, states, box) ==
    LET list == Without(members[r], gone)
        left == SelectSeq(members[r], LAMBDA c : c \in gone)
        notice == [i \in DOMAIN left |-> Event("left", r, left[i], 0)]
    IN  /\ MembersBecome(r, list)
        /\ span' = [c \in Clients |->
               IF c \in gone /\ span[c].to = None
               THEN [span[c] EXCEPT !.to = Len(order[r])] ELSE span[c]]
        /\ IF down
           THEN /\ outboxState' = states /\ outbox' = box
                /\ wave' = [wave EXCEPT ![r] = {}]
                /\ order' = order
           ELSE /\ Posted(r, Post(states, box, Range(list), notice))
                /\ order' = [order EXCEPT ![r] = @ \o notice]

-----------------------------------------------------------------------------
(* Actions.                                                                *)

Init ==
    /\ outboxState = [c \in Clients |-> "new"]
    /\ place = [c \in Clients |-> None]
    /\ members = [r \in Rooms |-> <<>>]
    /\ exists = {}
    /\ wave = [r \in Rooms |-> {}]
    /\ outbox = [c \in Clients |-> <<>>]
    /\ received = [c \in Clients |-> <<>>]
    /\ down = FALSE
    /\ order = [r \in Rooms |-> <<>>]
    /\ span = [c \in Clients |-> [from |-> None, to |-> None]]

(* A first line `JOIN {room} {user}`: every member is told, the joiner     *)
(* included and before anything else. [rooms/join-1] [rooms/join-7]        *)
(* [common/order-2] [rooms/room-2]                                         *)
Join(c, r) ==
    LET joins == Event("join", r, c, 0)
        list == Append(members[r], c)
    IN  /\ ~down /\ outboxState[c] = "new" /\ Quiet(r)
        /\ place' = [place EXCEPT ![c] = r]
        /\ MembersBecome(r, list)
        /\ Posted(r, Post([outboxState EXCEPT ![c] = "open"], outbox, Range(list), <<joins>>))
        /\ order' = [order EXCEPT ![r] = Append(@, joins)]
        /\ span' = [span EXCEPT ![c].from = Len(order[r]) + 1]
        /\ UNCHANGED <<received, down>>

(* A later line: text for every member, the author included.               *)
(* [rooms/text-1] [rooms/text-3] [common/order-1] [common/outbox-2]        *)
Say(c) ==
    LET r == place[c]
        says == Event("line", r, c, LinesBy(c) + 1)
    IN  /\ ~down /\ outboxState[c] = "open" /\ Quiet(r) /\ LinesIn(Rooms) < Lines
        /\ Posted(r, Post(outboxState, outbox, Range(members[r]), <<says>>))
        /\ order' = [order EXCEPT ![r] = Append(@, says)]
        /\ UNCHANGED <<place, members, exists, received, down, span>>

(* The members evicted by a run or a notice depart together, and the rest  *)
(* is told, which may evict the next wave. [common/outbox-5]               *)
(* [common/outbox-6]                                                       *)
Wave(r) ==
    /\ Busy(r)
    /\ Depart(r, wave[r], outboxState, outbox)
    /\ UNCHANGED <<place, received, down>>

(* The connection takes the next entry. [common/order-1] [common/eos-4]    *)
Deliver(c) ==
    /\ outbox[c] # <<>> /\ outboxState[c] \in {"open", "closed"}
    /\ Interleaved \/ AllQuiet
    /\ received' = [received EXCEPT ![c] = @ \o Head(outbox[c])]
    /\ outbox' = [outbox EXCEPT ![c] = Tail(@)]
    /\ UNCHANGED <<outboxState, place, members, exists, wave, down, order, span>>

(* The end of a client's stream is its departure; its pending entries are  *)
(* still sent, and nothing later. [common/eos-2] [common/eos-3]            *)
(* [common/eos-4]                                                          *)
EndOfStream(c) ==
    /\ "end" \in Endings /\ ~down /\ outboxState[c] = "open" /\ Quiet(place[c])
    /\ Depart(place[c], {c}, [outboxState EXCEPT ![c] = "closed"], outbox)
    /\ UNCHANGED <<place, received, down>>

(* A line that is too long: the member departs before it is sent the       *)
(* error, its last line. A reply is sent however much is pending.          *)
(* [rooms/error-2] [rooms/error-3] [common/close-2] [common/outbox-7]      *)
Fail(c) ==
    LET error == <<Event("error", None, c, 0)>>
    IN  /\ "error" \in Endings /\ ~down /\ outboxState[c] = "open" /\ Quiet(place[c])
        /\ Depart(place[c], {c}, [outboxState EXCEPT ![c] = "closed"],
                  [outbox EXCEPT ![c] = Append(@, error)])
        /\ UNCHANGED <<place, received, down>>

(* A reset of the connection is a departure at once. [common/eos-5]        *)
Reset(c) ==
    LET states == [outboxState EXCEPT ![c] = "cut"]
        box == [outbox EXCEPT ![c] = <<>>]
    IN  /\ "reset" \in Endings /\ outboxState[c] \in {"open", "closed"}
        /\ outboxState[c] = "open" \/ outbox[c] # <<>>
        /\ Quiet(place[c])
        /\ IF c \in Range(members[place[c]])
           THEN Depart(place[c], {c}, states, box)
           ELSE /\ outboxState' = states /\ outbox' = box
                /\ UNCHANGED <<members, exists, wave, order, span>>
        /\ UNCHANGED <<place, received, down>>

(* A client that does not read its pending entries for too long (a slow    *)
(* consumer) is evicted, the only one of its wave. [common/outbox-8]       *)
(* [common/close-3]                                                        *)
Stall(c) ==
    /\ "stall" \in Endings /\ c \notin Readers /\ ~down
    /\ outboxState[c] = "open" /\ outbox[c] # <<>> /\ Quiet(place[c])
    /\ Depart(place[c], {c}, [outboxState EXCEPT ![c] = "evicted"], [outbox EXCEPT ![c] = <<>>])
    /\ UNCHANGED <<place, received, down>>

(* Flushing the pending entries of a departed client ends after 5 s.       *)
(* [common/eos-4] [common/close-2] [common/shutdown-2]                     *)
GiveUp(c) ==
    /\ "giveup" \in Endings /\ c \notin Readers
    /\ outboxState[c] = "closed" /\ outbox[c] # <<>>
    /\ Interleaved \/ AllQuiet
    /\ outboxState' = [outboxState EXCEPT ![c] = "cut"]
    /\ outbox' = [outbox EXCEPT ![c] = <<>>]
    /\ UNCHANGED <<place, members, exists, wave, received, down, order, span>>

(* The server is told to stop: it acts on no further input, and no         *)
(* departure is announced. [common/shutdown-1] [common/shutdown-2]         *)
Shutdown ==
    /\ "shutdown" \in Endings /\ ~down
    /\ Interleaved \/ AllQuiet
    /\ down' = TRUE
    /\ outboxState' = [c \in Clients |->
           IF outboxState[c] \in {"new", "open"} THEN "closed" ELSE outboxState[c]]
    /\ span' = [c \in Clients |->
           IF outboxState[c] = "open"
           THEN [span[c] EXCEPT !.to = Len(order[place[c]])] ELSE span[c]]
    /\ UNCHANGED <<place, members, exists, wave, outbox, received, order>>

(* During the shutdown a connection without pending entries ends, and with *)
(* it, in silence, its membership. [common/shutdown-1] [common/shutdown-2] *)
(* [rooms/room-2]                                                          *)
Finish(c) ==
    /\ down /\ outbox[c] = <<>> /\ place[c] # None /\ Quiet(place[c])
    /\ c \in Range(members[place[c]])
    /\ Depart(place[c], {c}, outboxState, outbox)
    /\ UNCHANGED <<place, received, down>>

Next ==
    \/ \E c \in Clients, r \in Rooms : Join(c, r)
    \/ \E c \in Clients : Say(c)
    \/ \E r \in Rooms : Wave(r)
    \/ \E c \in Clients : Deliver(c)
    \/ \E c \in Clients : EndOfStream(c)
    \/ \E c \in Clients : Fail(c)
    \/ \E c \in Clients : Reset(c)
    \/ \E c \in Clients : Stall(c)
    \/ \E c \in Clients : GiveUp(c)
    \/ Shutdown
    \/ \E c \in Clients : Finish(c)

(* The server ends every eviction, readers read, and a connection without  *)
(* pending entries ends; no client is forced to send anything.             *)
Fairness ==
    /\ \A r \in Rooms : WF_vars(Wave(r))
    /\ \A c \in Readers : WF_vars(Deliver(c))
    /\ \A c \in Clients : WF_vars(Finish(c))

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* Invariants. Each property is broken by a fault planted in this module   *)
(* (spec/model/faults), and TLC must report exactly that property; so the  *)
(* special ones stand before the general ones.                             *)

IsPrefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s

(* The part of its room's one order that is inside a client's membership.  *)
Part(c) ==
    IF place[c] = None THEN <<>>
    ELSE SubSeq(order[place[c]], span[c].from,
                IF span[c].to = None THEN Len(order[place[c]]) ELSE span[c].to)

OfRoom(s) == SelectSeq(s, LAMBDA e : e.is # "error")

TypeOK ==
    /\ \A c \in Clients : outboxState[c] \in OutboxStates /\ place[c] \in Rooms \cup {None}
    /\ \A r \in Rooms : Range(members[r]) \cup wave[r] \subseteq Clients
    /\ exists \subseteq Rooms /\ down \in BOOLEAN

(* No client is in two rooms, or twice in one: a second JOIN is text.      *)
(* [rooms/text-3]                                                          *)
OnePlace ==
    \A r \in Rooms :
        /\ \A i, j \in DOMAIN members[r] : members[r][i] = members[r][j] => i = j
        /\ \A c \in Range(members[r]) : place[c] = r

(* A room exists exactly while it has members. [rooms/room-2]              *)
RoomsAreWhereMembersAre == exists = {r \in Rooms : members[r] # <<>>}

(* A client that is gone is no member, at the latest when the waves of an  *)
(* eviction have ended. [common/outbox-5] [common/eos-2] [common/eos-5]    *)
NoGhost ==
    \A r \in Rooms : ~Busy(r) /\ ~down => \A c \in Range(members[r]) : outboxState[c] = "open"

(* An outbox never exceeds its bound; an error, a reply, is not counted.   *)
(* [common/outbox-4] [common/outbox-7]                                     *)
OutboxBounded ==
    \A c \in Clients :
        Len(SelectSeq(outbox[c], LAMBDA entry : entry[1].is # "error")) <= Bound

(* The events of a room are sent to no client of another. [rooms/room-1]   *)
NoLeak == \A c \in Clients : \A e \in Range(OfRoom(Sent(c))) : e.room = place[c]

(* The first event that a member is sent is its own join. [common/order-2] *)
OwnJoinFirst ==
    \A c \in Clients :
        LET s == OfRoom(Sent(c)) IN s # <<>> => s[1] = Event("join", place[c], c, 0)

(* A client that joined and is no member any more departed once; no other  *)
(* client did. (On shutdown no departures are announced.) [common/eos-6]   *)
(* [common/outbox-5] [common/shutdown-1]                                   *)
Departures(c) ==
    IF place[c] = None THEN 0
    ELSE Len(SelectSeq(order[place[c]], LAMBDA e : e.is = "left" /\ e.who = c))
OneDeparture ==
    \A c \in Clients :
        LET gone == place[c] # None /\ c \notin Range(members[place[c]])
        IN  /\ Departures(c) <= 1
            /\ Departures(c) = 1 => gone
            /\ gone /\ ~down => Departures(c) = 1

(* No event of a member is in its room's order before its join or after    *)
(* its departure. [common/order-1] [common/eos-3]                          *)
NothingOutside ==
    \A r \in Rooms : \A i \in DOMAIN order[r] :
        LET e == order[r][i]
        IN  /\ e.is # "join" => \E j \in 1..(i - 1) : order[r][j] = Event("join", r, e.who, 0)
            /\ e.is # "left" => \A j \in 1..(i - 1) : order[r][j] # Event("left", r, e.who, 0)

(* An error is the last event that a client is sent. [rooms/error-3]       *)
ErrorLast ==
    \A c \in Clients : \A i \in DOMAIN Sent(c) :
        Sent(c)[i].is = "error" => i = Len(Sent(c)) /\ outboxState[c] # "open"

(* A member is sent exactly the part of its room's one order that lies     *)
(* inside its membership, in that order, each event once; a client that    *)
(* the server gave up, or that cut the connection, a prefix of it.         *)
(* [common/order-1] [common/eos-4]                                         *)
ExactPart ==
    \A c \in Clients :
        IF outboxState[c] \in {"evicted", "cut"}
        THEN outbox[c] = <<>> /\ IsPrefix(OfRoom(received[c]), Part(c))
        ELSE OfRoom(Sent(c)) = Part(c)

-----------------------------------------------------------------------------
(* Properties of every step.                                               *)

(* Only the owner of an outbox that is full, or that is stalled, is        *)
(* evicted. [common/outbox-4] [common/outbox-8]                            *)
OnlyTheOwnerStep ==
    \A c \in Clients :
        outboxState[c] # "evicted" /\ outboxState'[c] = "evicted" =>
            \/ Full(outbox, c)
            \/ "stall" \in Endings /\ c \notin Readers /\ outbox[c] # <<>>
OnlyTheOwnerIsEvicted == [][OnlyTheOwnerStep]_vars

(* Nothing is queued to a client that has departed, and nothing arrives at *)
(* a client that was evicted or cut. [common/eos-4] [common/close-3]       *)
NothingLaterStep ==
    \A c \in Clients :
        /\ outboxState[c] \in {"closed", "evicted", "cut"} => Len(outbox'[c]) <= Len(outbox[c])
        /\ outboxState[c] \in {"evicted", "cut"} => received'[c] = received[c]
NothingLater == [][NothingLaterStep]_vars

(* Each wave of an eviction leaves fewer members than there were.          *)
(* [common/outbox-5]                                                       *)
WavesShrinkStep ==
    \A r \in Rooms : wave[r] # {} /\ wave'[r] # wave[r] => Len(members'[r]) < Len(members[r])
WavesShrink == [][WavesShrinkStep]_vars

(* No departure is announced once the server shuts down.                   *)
(* [common/shutdown-1]                                                     *)
SilentStep == down => order' = order
SilentShutdown == [][SilentStep]_vars

-----------------------------------------------------------------------------
(* Liveness, under Fairness.                                               *)

(* Every eviction with all its waves ends. [common/outbox-5]               *)
EvictionsEnd == \A r \in Rooms : wave[r] # {} ~> wave[r] = {}

(* The pending entries of a client that keeps reading arrive, unless it is *)
(* evicted or cuts the connection: an outbox is a queue, so everything     *)
(* that it held has arrived when it is empty. [common/order-1]             *)
(* [common/eos-4]                                                          *)
Lost(c) == outboxState[c] \in {"evicted", "cut"}
PendingArrives ==
    \A c \in Readers : outbox[c] # <<>> ~> (outbox[c] = <<>> \/ Lost(c) \/ down)

(* During the drain all pending entries of a client that reads are         *)
(* delivered. [common/shutdown-2]                                          *)
DrainDelivers ==
    \A c \in Readers : down ~> (outbox[c] = <<>> /\ (Lost(c) \/ OfRoom(received[c]) = Part(c)))

(* After that no room is left, unless entries are still pending.           *)
(* [rooms/room-2] [common/shutdown-2]                                      *)
NobodyStays ==
    down ~> (exists = {} \/ \E c \in Clients : outbox[c] # <<>>)

-----------------------------------------------------------------------------
(* Witnesses: TLC has to find each of these violated, or the properties    *)
(* above say less than they seem to.                                       *)

(* An eviction whose notice evicts again. [common/outbox-5]                *)
NeverSecondWave == [][\A r \in Rooms : wave[r] = {} \/ wave'[r] = {}]_vars
(* Two members evicted at once, announced in one entry. [common/outbox-6]  *)
NeverTwoAtOnce == \A r \in Rooms : Cardinality(wave[r]) < 2
(* A sender evicted by its own line. [common/outbox-4]                     *)
NeverOwnLine ==
    [][\A c \in Clients : place[c] # None /\ outboxState[c] = "open" /\ outboxState'[c] = "evicted"
         /\ order'[place[c]] # order[place[c]]
       => order'[place[c]][Len(order'[place[c]])].who # c]_vars
(* A room that ends and is made again. [rooms/room-2]                      *)
NeverAgain == [][\A r \in Rooms : r \in exists' \ exists => order[r] = <<>>]_vars
(* A drain that begins in the middle of an eviction. [common/shutdown-2]   *)
NeverDrainInWave == down => AllQuiet
(* A member in each of two rooms, and all lines said. [rooms/room-1]       *)
NeverBothRooms == ~(exists = Rooms /\ LinesIn(Rooms) = Lines /\ \A r \in Rooms : LinesIn({r}) > 0)

(* The same without symmetry, for clients and rooms that are numbers:      *)
(* clients join in order, and the first joins room 1.                      *)
InTurn ==
    \A c \in Clients : place'[c] # None =>
        IF c = 1 THEN place'[c] = 1 ELSE \A d \in Clients : d < c => place'[d] # None

(* Clients are alike, and so are rooms.                                    *)
Symmetry == Permutations(Clients) \cup Permutations(Rooms)
=============================================================================
