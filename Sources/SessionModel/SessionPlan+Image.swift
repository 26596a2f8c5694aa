extension SessionPlan {
    func write(to image: inout ImageWriter) {
        image.put(title)
        image.put(word: kind)
        image.put(plannedStart.milliseconds)
        image.put(plannedMinutes)
        image.put(timeZone)
        image.put(list: organisation) { $1.write(to: &$0) }
        image.put(project) { $1.write(to: &$0) }
        image.put(cohort) { $1.write(to: &$0) }
        image.put(lesson) { image, lesson in
            image.put(lesson.id)
            image.put(lesson.number)
            image.put(lesson.name)
        }
        image.put(lecturer) { $0.put($1) }
        image.put(isRecorded)
        image.put(attendance.lateAfterMinutes)
        image.put(attendance.earlyLeaveBeforeMinutes)
        image.put(attendance.presentShareMinimumPercent)
        image.put(word: duplicateLogin)
    }

    init(image: inout ImageReader) throws(ImageFailure) {
        self.init(
            title: try image.text(), kind: try image.word(),
            plannedStart: WallTime(milliseconds: try image.signed()), plannedMinutes: try image.integer(),
            timeZone: try image.text(),
            organisation: try image.list { image throws(ImageFailure) in try NamedPart(image: &image) },
            project: try image.optional { image throws(ImageFailure) in try NamedPart(image: &image) },
            cohort: try image.optional { image throws(ImageFailure) in try NamedPart(image: &image) },
            lesson: try image.optional { image throws(ImageFailure) in
                Lesson(id: try image.text(), number: try image.integer(), name: try image.text())
            },
            lecturer: try image.optional { image throws(ImageFailure) in try image.identifier() },
            isRecorded: try image.flag(),
            attendance: AttendanceRule(
                lateAfterMinutes: try image.integer(), earlyLeaveBeforeMinutes: try image.integer(),
                presentShareMinimumPercent: try image.integer()),
            duplicateLogin: try image.word())
    }
}

extension NamedPart {
    fileprivate func write(to image: inout ImageWriter) {
        image.put(id)
        image.put(name)
    }

    fileprivate init(image: inout ImageReader) throws(ImageFailure) {
        self.init(id: try image.text(), name: try image.text())
    }
}
