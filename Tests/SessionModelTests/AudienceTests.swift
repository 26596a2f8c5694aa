import SessionModel
import Testing

struct AudienceTests {
    private func audience(_ event: Event, _ kind: ClassKind = .smallInteractive) throws -> Audience {
        var classroom = try Classroom.live(.lesson.with { $0.kind = kind })
        try classroom.perform(.join(.xu, .supervisor), by: .relay)
        return Audience.of(event, in: classroom.session)
    }

    @Test func aSmallClassSeesWhoComesAndGoes() throws {
        #expect(try audience(.joined(.wang, person: .wang, role: .participant, members: [])) == .everyone)
        #expect(try audience(.interrupted(.wang, .network)) == .everyone)
        #expect(try audience(.resumed(.wang)) == .everyone)
        #expect(try audience(.left(.wang, .requested)) == .everyone)
        #expect(try audience(.removed(.wang, isBanned: false)) == .everyone)
    }

    @Test func aLargeClassSeesOnlyWhoTeaches() throws {
        let kind = ClassKind.largeLecture
        #expect(try audience(.joined(.wang, person: .wang, role: .participant, members: []), kind) == .staff)
        #expect(try audience(.left(.wang, .timedOut), kind) == .staff)
        #expect(try audience(.interrupted(.lin, .network), kind) == .everyone)
    }

    @Test(arguments: ClassKind.allCases)
    func aVisitOfASupervisorIsForSupervisors(kind: ClassKind) throws {
        let visit: [Event] = [
            .joined(.fourth, person: .xu, role: .supervisor, members: []), .interrupted(.fourth, .network),
            .resumed(.fourth), .left(.fourth, .requested), .left(.fourth, .sessionEnded),
            .removed(.fourth, isBanned: false), .playbackChanged(.fourth, .playing),
        ]
        for event in visit { #expect(try audience(event, kind) == .supervisors) }
    }

    @Test func whoIsNotKnownIsNobodysBusiness() throws {
        #expect(try audience(.left(.nobody, .requested)) == .supervisors)
    }

    @Test func theEndOfTheClassIsSaidOnce() throws {
        #expect(try audience(.left(.wang, .sessionEnded)) == .staff)
        #expect(try audience(.ended(.requested)) == .everyone)
    }

    @Test func votesHandsAndPlaybackAreForStaff() throws {
        #expect(try audience(.voteCast(.first, seat: .wang, option: 0)) == .staff)
        #expect(try audience(.handRaised(.wang)) == .staff)
        #expect(try audience(.handLowered(.wang, .staff)) == .staff)
        #expect(try audience(.playbackChanged(.wang, .playing)) == .staff)
        #expect(try audience(.peopleExpected([.wang])) == .staff)
        #expect(try audience(.pollClosed(.first, count: 1, sums: [1])) == .everyone)
        #expect(try audience(.calledToSpeak(.wang)) == .everyone)
    }

    @Test func staffAreWhoRunTheClassOrWatchOverIt() {
        for role in Role.allCases {
            #expect(Audience.everyone.includes(.wang, role: role))
            #expect(Audience.staff.includes(.wang, role: role) == role.isStaff)
            #expect(
                Audience.supervisors.includes(.wang, role: role)
                    == (role == .supervisor || role == .administrator))
            #expect(Audience.seat(.wang).includes(.wang, role: role))
            #expect(!Audience.seat(.wang).includes(.zhao, role: role))
        }
    }

    @Test func nobodySeesASeatTheyMayNotKnowOf() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.join(.xu, .supervisor), by: .relay)
        for seat in classroom.session.seats {
            let audience = Audience.of(.left(seat.id, .requested), in: classroom.session)
            for role in Role.allCases where audience.includes(.wang, role: role) {
                #expect(Permission.mayKnow(role, of: seat.role))
            }
        }
    }
}
