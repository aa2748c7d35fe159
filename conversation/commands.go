package conversation

import (
	"slices"

	"goalkeeper/conversation/language"
)

// commands are all the words that can stand behind /goal, in the order in which help lists them.
func commands() []command {
	return []command{
		{"new", []string{"moi", "tao", "tao moi", "them", "muc tieu moi", "tao muc tieu", "dat muc tieu", "them muc tieu"}, anything, newGoal},
		{"list", []string{"danh sach", "ds", "cac muc tieu"}, namesList, listGoals},
		{"show", []string{"xem", "hien"}, namesGoal, showCommand},
		{"update", []string{"cap nhat", "ghi"}, anything, updateCommand},
		{"checkin", []string{"check-in", "check in", "diem lai"}, alone, checkInNow},
		{"edit", []string{"sua", "chinh", "chinh sua"}, namesGoal, editCommand},
		{"close", []string{"dong", "ket thuc"}, namesGoal, closeCommand},
		{"reopen", []string{"mo lai"}, namesGoal, reopenCommand},
		{"digest", []string{"ban tin", "ban tin muc tieu"}, alone, digestCommand},
		{"settings", []string{"cai dat", "tuy chinh"}, alone, settingsCommand},
		{"help", []string{"giup", "tro giup", "huong dan", "?"}, namesCommand, helpCommand},
	}
}

// What may stand behind a command where sentences are typed, too.
func anything(arguments) bool { return true }
func alone(arguments) bool    { return false }

func namesGoal(a arguments) bool {
	_, _, ok := leadingID(a.text)
	return ok
}

func namesList(a arguments) bool {
	_, known := listFilters[language.Fold(a.text)]
	return known || a.person() != ""
}

func namesCommand(a arguments) bool {
	_, rest, ok := matchCommand(a.text)
	return ok && rest == "" || slices.Contains(helpAll, language.Fold(a.text))
}

// controls are the turns of everything that can be pressed or submitted, by verb.
func controls() map[string]func(Used) turn {
	return map[string]func(Used) turn{
		// goals
		"menu":         func(Used) turn { return menu() },
		"help":         func(u Used) turn { return helpCommand(arguments{text: u.Intent.Value}) },
		"goal.new":     func(u Used) turn { return newGoal(arguments{text: u.Intent.Value}) },
		"goal.create":  createGoal,
		"goal.show":    onGoal(showGoal),
		"goal.list":    func(u Used) turn { return listGoals(arguments{text: u.Intent.Value}) },
		"goal.edit":    onGoal(editGoal),
		"goal.change":  changeGoal,
		"goal.undo":    undoGoal,
		"goal.share":   shareGoal,
		"goal.place":   placeGoal,
		"goal.close":   onGoal(closeGoal),
		"goal.end":     endGoal,
		"goal.reopen":  onGoal(reopenGoal),
		"goal.accept":  acceptGoal,
		"goal.return":  returnGoal,
		"goal.note":    noteGoal,
		"goal.leave":   leaveNote,
		"settings":     func(Used) turn { return settingsCommand(arguments{}) },
		"settings.set": changeSettings,
		"type":         typeFor,
		"dismiss":      func(Used) turn { return nothing },
		// check-ins
		"checkin.now":     func(Used) turn { return checkInNow(arguments{}) },
		"checkin.answer":  answerForm,
		"checkin.save":    saveAnswer,
		"checkin.same":    nothingChanged,
		"checkin.snooze":  snooze,
		"checkin.skip":    skipForm,
		"checkin.skipped": skipWeek,
		"checkin.correct": correctForm,
		"checkin.pick":    pickReading,
		"checkin.help":    askHelp,
		"checkin.show":    showReceipt,
		"checkin.course":  correctCourse,
		// digests
		"digest.preview": previewDigest,
		"digest.plan":    digestForm,
		"digest.set":     setDigest,
		"digest.off":     stopDigest,
		"digest.help":    offerHelp,
		"digest.again":   postAgain,
		"digest.there":   leaveDigest,
	}
}
