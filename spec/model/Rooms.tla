------------------------------- MODULE Rooms -------------------------------
(***************************************************************************)
(* Rooms, membership, order, outboxes, delivery, evictions and the drain,  *)
(* as the clauses of spec/ mean them, for the rooms dialect.               *)
(*                                                                         *)
(* A client is one connection and joins once. What is counted in bytes in  *)
(* the clauses is counted in entries here: an outbox holds at most Bound   *)
(* of them. That a connection takes a part of an entry is left out, and so *)
(* are time, the total of all outboxes [common/outbox-9], and the holding  *)
(* of senders [common/flow-1], which only ever makes a line come later.    *)
(* Time shows as choice: whoever is no reader may be given up at any       *)
(* moment at which it owes reading.                                        *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
    Clients,     \* the connections
    Rooms,       \* the names of rooms
    Lines,       \* how many lines are said in all
    Bound,       \* how many entries an outbox holds [common/outbox-4]
    Readers,     \* the clients that always go on reading, and in time
    Endings,     \* the ways in which a part may end: a subset of AllEndings
    Interleaved, \* whether anything happens between the waves of one eviction
    None         \* no room

AllEndings == {"end", "reset", "error", "stall", "giveup", "shutdown"}

ASSUME Readers \subseteq Clients /\ Endings \subseteq AllEndings /\ Bound > 0

VARIABLES
    standing,    \* of each client, one of Standings
    place,       \* the room that a client has joined, or None
    members,     \* of each room, in order of joining
    exists,      \* the rooms that there are
    wave,        \* of each room: who was evicted and is not announced yet
    outbox,      \* of each client: entries, each a sequence of events
    received,    \* of each client: the events that have arrived
    down,        \* the server is shutting down
    order,       \* of each room: its events since ever, in their one order
    span         \* of each client: which part of that is inside its membership

server == <<standing, place, members, exists, wave, outbox, down>>
vars == <<standing, place, members, exists, wave, outbox, received, down, order, span>>

(* "new" has not joined; "open" is a member; "closed" has departed, or the *)
(* server shuts down: it is sent what it is owed; "evicted" and "cut" get  *)
(* nothing more, the one by the server's doing, the other by its own.      *)
Standings == {"new", "open", "closed", "evicted", "cut"}

Event(kind, room, who, n) == [is |-> kind, room |-> room, who |-> who, n |-> n]

-----------------------------------------------------------------------------
(* Words for what follows.                                                 *)

Range(s) == {s[i] : i \in DOMAIN s}
Without(s, gone) == SelectSeq(s, LAMBDA c : c \notin gone)

RECURSIVE Flat(_)
Flat(entries) == IF entries = <<>> THEN <<>> ELSE Head(entries) \o Flat(Tail(entries))

(* All that a client was ever sent, arrived or not.                        *)
Sent(c) == received[c] \o Flat(outbox[c])

IsLine(e) == e.is = "line"
LinesBy(c) == IF place[c] = None THEN 0
              ELSE Len(SelectSeq(order[place[c]], LAMBDA e : IsLine(e) /\ e.who = c))
RECURSIVE LinesIn(_)
LinesIn(rooms) == IF rooms = {} THEN 0
                  ELSE LET r == CHOOSE r \in rooms : TRUE
                       IN  Len(SelectSeq(order[r], IsLine)) + LinesIn(rooms \ {r})

(* While the waves of an eviction go on the room is at nobody else's       *)
(* disposal; where nothing is interleaved, the server is at nobody's.      *)
Busy(r) == wave[r] # {}
AllQuiet == \A r \in Rooms : ~Busy(r)
Quiet(r) == ~Busy(r) /\ (Interleaved \/ AllQuiet)

(* One entry for every client of an audience that stands open. Whoever has *)
(* no place for it is evicted instead, and what it was owed is dropped.    *)
(* [common/outbox-2] [common/outbox-4] [common/close-3]                    *)
Full(box, c) == Len(box[c]) + 1 > Bound
Post(stands, box, audience, entry) ==
    LET open == {c \in audience : stands[c] = "open"}
        full == {c \in open : Full(box, c)}
    IN  [full |-> full,
         standing |-> [c \in Clients |-> IF c \in full THEN "evicted" ELSE stands[c]],
         outbox |-> [c \in Clients |->
             CASE c \in full -> <<>>
               [] c \in open \ full -> Append(box[c], entry)
               [] OTHER -> box[c]]]

(* What posting makes of the server; those evicted by it are room r's next *)
(* wave.                                                                   *)
Posted(r, post) ==
    /\ standing' = post.standing
    /\ outbox' = post.outbox
    /\ wave' = [wave EXCEPT ![r] = post.full]

(* A room exists exactly while it has members. [rooms/room-2]              *)
Seated(r, list) ==
    /\ members' = [members EXCEPT ![r] = list]
    /\ exists' = IF list = <<>> THEN exists \ {r} ELSE exists \cup {r}

(* Those in gone depart from r with the given standings and outboxes: they *)
(* are members no more before anybody is told, and the others are told in  *)
(* one entry, in order of joining. Nobody is once the server shuts down.   *)
(* [common/unique-2] [common/eos-6] [common/outbox-6] [common/shutdown-1]  *)
(* [rooms/leave-1]                                                         *)
Depart(r, gone, stands, box) ==
    LET list == Without(members[r], gone)
        left == SelectSeq(members[r], LAMBDA c : c \in gone)
        notice == [i \in DOMAIN left |-> Event("left", r, left[i], 0)]
    IN  /\ Seated(r, list)
        /\ span' = [c \in Clients |->
               IF c \in gone /\ span[c].to = None
               THEN [span[c] EXCEPT !.to = Len(order[r])] ELSE span[c]]
        /\ IF down
           THEN /\ standing' = stands /\ outbox' = box
                /\ wave' = [wave EXCEPT ![r] = {}]
                /\ order' = order
           ELSE /\ Posted(r, Post(stands, box, Range(list), notice))
                /\ order' = [order EXCEPT ![r] = @ \o notice]

-----------------------------------------------------------------------------
(* What happens.                                                           *)

Init ==
    /\ standing = [c \in Clients |-> "new"]
    /\ place = [c \in Clients |-> None]
    /\ members = [r \in Rooms |-> <<>>]
    /\ exists = {}
    /\ wave = [r \in Rooms |-> {}]
    /\ outbox = [c \in Clients |-> <<>>]
    /\ received = [c \in Clients |-> <<>>]
    /\ down = FALSE
    /\ order = [r \in Rooms |-> <<>>]
    /\ span = [c \in Clients |-> [from |-> None, to |-> None]]

(* A first line `JOIN {room} {user}`: every member hears of it, the joiner *)
(* included and first of all. [rooms/join-1] [rooms/join-7]                *)
(* [common/order-2] [rooms/room-2]                                         *)
Join(c, r) ==
    LET joins == Event("join", r, c, 0)
        list == Append(members[r], c)
    IN  /\ ~down /\ standing[c] = "new" /\ Quiet(r)
        /\ place' = [place EXCEPT ![c] = r]
        /\ Seated(r, list)
        /\ Posted(r, Post([standing EXCEPT ![c] = "open"], outbox, Range(list), <<joins>>))
        /\ order' = [order EXCEPT ![r] = Append(@, joins)]
        /\ span' = [span EXCEPT ![c].from = Len(order[r]) + 1]
        /\ UNCHANGED <<received, down>>

(* A line after that: text for every member, the author included.          *)
(* [rooms/text-1] [rooms/text-3] [common/order-1] [common/outbox-2]        *)
Say(c) ==
    LET r == place[c]
        says == Event("line", r, c, LinesBy(c) + 1)
    IN  /\ ~down /\ standing[c] = "open" /\ Quiet(r) /\ LinesIn(Rooms) < Lines
        /\ Posted(r, Post(standing, outbox, Range(members[r]), <<says>>))
        /\ order' = [order EXCEPT ![r] = Append(@, says)]
        /\ UNCHANGED <<place, members, exists, received, down, span>>

(* The members evicted by a run or a notice depart together, and the rest  *)
(* is told of it, which may evict the next wave. [common/outbox-5]         *)
(* [common/outbox-6]                                                       *)
Wave(r) ==
    /\ Busy(r)
    /\ Depart(r, wave[r], standing, outbox)
    /\ UNCHANGED <<place, received, down>>

(* The connection takes the next entry. [common/order-1] [common/eos-4]    *)
Deliver(c) ==
    /\ outbox[c] # <<>> /\ standing[c] \in {"open", "closed"}
    /\ Interleaved \/ AllQuiet
    /\ received' = [received EXCEPT ![c] = @ \o Head(outbox[c])]
    /\ outbox' = [outbox EXCEPT ![c] = Tail(@)]
    /\ UNCHANGED <<standing, place, members, exists, wave, down, order, span>>

(* The end of a client's stream is its departure; what it was owed is      *)
(* still sent, and nothing later. [common/eos-2] [common/eos-3]            *)
(* [common/eos-4]                                                          *)
EndOfStream(c) ==
    /\ "end" \in Endings /\ ~down /\ standing[c] = "open" /\ Quiet(place[c])
    /\ Depart(place[c], {c}, [standing EXCEPT ![c] = "closed"], outbox)
    /\ UNCHANGED <<place, received, down>>

(* A line that is too long: the member departs before it is sent the       *)
(* error, its last line. A reply is sent whatever the client is owed.      *)
(* [rooms/error-2] [rooms/error-3] [common/close-2] [common/outbox-7]      *)
Fail(c) ==
    LET error == <<Event("error", None, c, 0)>>
    IN  /\ "error" \in Endings /\ ~down /\ standing[c] = "open" /\ Quiet(place[c])
        /\ Depart(place[c], {c}, [standing EXCEPT ![c] = "closed"],
                  [outbox EXCEPT ![c] = Append(@, error)])
        /\ UNCHANGED <<place, received, down>>

(* A reset of the connection is a departure at once. [common/eos-5]        *)
Reset(c) ==
    LET stands == [standing EXCEPT ![c] = "cut"]
        box == [outbox EXCEPT ![c] = <<>>]
    IN  /\ "reset" \in Endings /\ standing[c] \in {"open", "closed"}
        /\ standing[c] = "open" \/ outbox[c] # <<>>
        /\ Quiet(place[c])
        /\ IF c \in Range(members[place[c]])
           THEN Depart(place[c], {c}, stands, box)
           ELSE /\ standing' = stands /\ outbox' = box
                /\ UNCHANGED <<members, exists, wave, order, span>>
        /\ UNCHANGED <<place, received, down>>

(* A client that owes reading and does not read for too long is evicted,   *)
(* the only one of its wave. [common/outbox-8] [common/close-3]            *)
Stall(c) ==
    /\ "stall" \in Endings /\ c \notin Readers /\ ~down
    /\ standing[c] = "open" /\ outbox[c] # <<>> /\ Quiet(place[c])
    /\ Depart(place[c], {c}, [standing EXCEPT ![c] = "evicted"], [outbox EXCEPT ![c] = <<>>])
    /\ UNCHANGED <<place, received, down>>

(* Flushing what a departed client is owed ends after 5 s. [common/eos-4]  *)
(* [common/close-2] [common/shutdown-2]                                    *)
GiveUp(c) ==
    /\ "giveup" \in Endings /\ c \notin Readers
    /\ standing[c] = "closed" /\ outbox[c] # <<>>
    /\ Interleaved \/ AllQuiet
    /\ standing' = [standing EXCEPT ![c] = "cut"]
    /\ outbox' = [outbox EXCEPT ![c] = <<>>]
    /\ UNCHANGED <<place, members, exists, wave, received, down, order, span>>

(* The server is told to stop: it acts on no further input, and no         *)
(* departure is announced. [common/shutdown-1] [common/shutdown-2]         *)
Shutdown ==
    /\ "shutdown" \in Endings /\ ~down
    /\ Interleaved \/ AllQuiet
    /\ down' = TRUE
    /\ standing' = [c \in Clients |->
           IF standing[c] \in {"new", "open"} THEN "closed" ELSE standing[c]]
    /\ span' = [c \in Clients |->
           IF standing[c] = "open" THEN [span[c] EXCEPT !.to = Len(order[place[c]])] ELSE span[c]]
    /\ UNCHANGED <<place, members, exists, wave, outbox, received, order>>

(* While the server shuts down a connection that is owed nothing ends, and *)
(* with it, in silence, its membership. [common/shutdown-1]                *)
(* [common/shutdown-2] [rooms/room-2]                                      *)
Finish(c) ==
    /\ down /\ outbox[c] = <<>> /\ place[c] # None /\ Quiet(place[c])
    /\ c \in Range(members[place[c]])
    /\ Depart(place[c], {c}, standing, outbox)
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

(* The server ends every eviction, readers read, and a connection that is  *)
(* owed nothing ends; nobody is made to say anything.                      *)
Fairness ==
    /\ \A r \in Rooms : WF_vars(Wave(r))
    /\ \A c \in Readers : WF_vars(Deliver(c))
    /\ \A c \in Clients : WF_vars(Finish(c))

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* What always holds. Each property is broken by a fault planted in this   *)
(* module (spec/model/faults), of which TLC must report exactly it; the    *)
(* special ones stand before the general ones for that.                    *)

IsPrefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s

(* The part of its room's one order that is inside a client's membership.  *)
Part(c) ==
    IF place[c] = None THEN <<>>
    ELSE SubSeq(order[place[c]], span[c].from,
                IF span[c].to = None THEN Len(order[place[c]]) ELSE span[c].to)

OfRoom(s) == SelectSeq(s, LAMBDA e : e.is # "error")

TypeOK ==
    /\ \A c \in Clients : standing[c] \in Standings /\ place[c] \in Rooms \cup {None}
    /\ \A r \in Rooms : Range(members[r]) \cup wave[r] \subseteq Clients
    /\ exists \subseteq Rooms /\ down \in BOOLEAN

(* Nobody is in two rooms, or twice in one: a second JOIN is text.         *)
(* [rooms/text-3]                                                          *)
OnePlace ==
    \A r \in Rooms :
        /\ \A i, j \in DOMAIN members[r] : members[r][i] = members[r][j] => i = j
        /\ \A c \in Range(members[r]) : place[c] = r

(* A room exists exactly while it has members. [rooms/room-2]              *)
RoomsAreWhereMembersAre == exists = {r \in Rooms : members[r] # <<>>}

(* Whoever is gone is no member, at the latest when the waves of an        *)
(* eviction have ended. [common/outbox-5] [common/eos-2] [common/eos-5]    *)
NoGhost ==
    \A r \in Rooms : ~Busy(r) /\ ~down => \A c \in Range(members[r]) : standing[c] = "open"

(* An outbox never exceeds its bound; an error, a reply, is not counted.   *)
(* [common/outbox-4] [common/outbox-7]                                     *)
OutboxBounded ==
    \A c \in Clients :
        Len(SelectSeq(outbox[c], LAMBDA entry : entry[1].is # "error")) <= Bound

(* What happens in a room is sent to no client of another. [rooms/room-1]  *)
NoLeak == \A c \in Clients : \A e \in Range(OfRoom(Sent(c))) : e.room = place[c]

(* The first thing that a member is sent is its own join. [common/order-2] *)
OwnJoinFirst ==
    \A c \in Clients :
        LET s == OfRoom(Sent(c)) IN s # <<>> => s[1] = Event("join", place[c], c, 0)

(* Whoever joined and is no member any more departed once; and nobody else *)
(* did. (On shutdown no departures are announced.) [common/eos-6]          *)
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

(* Nothing of a member is in its room's order before its join or after its *)
(* departure. [common/order-1] [common/eos-3]                              *)
NothingOutside ==
    \A r \in Rooms : \A i \in DOMAIN order[r] :
        LET e == order[r][i]
        IN  /\ e.is # "join" => \E j \in 1..(i - 1) : order[r][j] = Event("join", r, e.who, 0)
            /\ e.is # "left" => \A j \in 1..(i - 1) : order[r][j] # Event("left", r, e.who, 0)

(* An error is the last that a client is sent. [rooms/error-3]             *)
ErrorLast ==
    \A c \in Clients : \A i \in DOMAIN Sent(c) :
        Sent(c)[i].is = "error" => i = Len(Sent(c)) /\ standing[c] # "open"

(* What a member is sent is exactly the part of its room's one order that  *)
(* lies inside its membership, in that order, each event once; of whom the *)
(* server gave up, or who cut the connection, a beginning of it.           *)
(* [common/order-1] [common/eos-4]                                         *)
ExactPart ==
    \A c \in Clients :
        IF standing[c] \in {"evicted", "cut"}
        THEN outbox[c] = <<>> /\ IsPrefix(OfRoom(received[c]), Part(c))
        ELSE OfRoom(Sent(c)) = Part(c)

-----------------------------------------------------------------------------
(* What holds of every step.                                               *)

(* Only the owner of an outbox that is full, or that stands still, is      *)
(* evicted. [common/outbox-4] [common/outbox-8]                            *)
OnlyTheOwnerStep ==
    \A c \in Clients :
        standing[c] # "evicted" /\ standing'[c] = "evicted" =>
            \/ Full(outbox, c)
            \/ "stall" \in Endings /\ c \notin Readers /\ outbox[c] # <<>>
OnlyTheOwnerIsEvicted == [][OnlyTheOwnerStep]_vars

(* Nothing is queued to a client that has departed, and nothing arrives at *)
(* one that was evicted or cut. [common/eos-4] [common/close-3]            *)
NothingLaterStep ==
    \A c \in Clients :
        /\ standing[c] \in {"closed", "evicted", "cut"} => Len(outbox'[c]) <= Len(outbox[c])
        /\ standing[c] \in {"evicted", "cut"} => received'[c] = received[c]
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
(* What comes about, under Fairness.                                       *)

(* Every eviction with all its waves ends. [common/outbox-5]               *)
EvictionsEnd == \A r \in Rooms : wave[r] # {} ~> wave[r] = {}

(* What is owed to a client that keeps reading arrives, unless it is       *)
(* evicted or cuts the connection: an outbox is a queue, so whatever it    *)
(* held has arrived when it is empty. [common/order-1] [common/eos-4]      *)
Lost(c) == standing[c] \in {"evicted", "cut"}
OwedArrives ==
    \A c \in Readers : outbox[c] # <<>> ~> (outbox[c] = <<>> \/ Lost(c) \/ down)

(* During the drain all that is owed to a client that reads is delivered.  *)
(* [common/shutdown-2]                                                     *)
DrainDelivers ==
    \A c \in Readers : down ~> (outbox[c] = <<>> /\ (Lost(c) \/ OfRoom(received[c]) = Part(c)))

(* After that no room is left, unless somebody is still owed something.    *)
(* [rooms/room-2] [common/shutdown-2]                                      *)
NobodyStays ==
    down ~> (exists = {} \/ \E c \in Clients : outbox[c] # <<>>)

-----------------------------------------------------------------------------
(* What must be possible: TLC has to find each of these violated, or the   *)
(* properties above say less than they seem to.                            *)

(* An eviction whose notice evicts again. [common/outbox-5]                *)
NeverSecondWave == [][\A r \in Rooms : wave[r] = {} \/ wave'[r] = {}]_vars
(* Two members evicted at once, announced in one entry. [common/outbox-6]  *)
NeverTwoAtOnce == \A r \in Rooms : Cardinality(wave[r]) < 2
(* A sender evicted by its own line. [common/outbox-4]                     *)
NeverOwnLine ==
    [][\A c \in Clients : place[c] # None /\ standing[c] = "open" /\ standing'[c] = "evicted"
         /\ order'[place[c]] # order[place[c]]
       => order'[place[c]][Len(order'[place[c]])].who # c]_vars
(* A room that goes and comes again. [rooms/room-2]                        *)
NeverAgain == [][\A r \in Rooms : r \in exists' \ exists => order[r] = <<>>]_vars
(* A drain that begins in the midst of an eviction. [common/shutdown-2]    *)
NeverDrainInWave == down => AllQuiet
(* Somebody in each of two rooms, and all lines said. [rooms/room-1]       *)
NeverBothRooms == ~(exists = Rooms /\ LinesIn(Rooms) = Lines /\ \A r \in Rooms : LinesIn({r}) > 0)

(* The same where no state may stand for others, for clients and rooms     *)
(* that are numbers: clients join in order, and the first joins room 1.    *)
InTurn ==
    \A c \in Clients : place'[c] # None =>
        IF c = 1 THEN place'[c] = 1 ELSE \A d \in Clients : d < c => place'[d] # None

(* Clients are alike, and so are rooms.                                    *)
Symmetry == Permutations(Clients) \cup Permutations(Rooms)
=============================================================================
