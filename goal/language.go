package goal

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The languages that are told apart.
const (
	English    = "en"
	Vietnamese = "vi"
)

// DetectLanguage tells the language of a phrase: "en", "vi", or "" where it does not show, as in "210" or
// "G-12 CAC". Vietnamese without accents is known by its words and by the form of its syllables.
func DetectLanguage(s string) string {
	return detect(lex(Clean(s)))
}

func detect(l line) string {
	var english, vietnamese, syllables, words int
	for _, t := range l.tokens {
		if t.kind != wordToken || isAcronym(t.text) || strings.ContainsAny(t.fold, "0123456789") {
			continue
		}
		words++
		switch {
		case onlyVietnamese(t.text):
			vietnamese += 3
		case vietnameseWords[t.fold]:
			vietnamese += 2
			syllables++
		case englishWords[t.fold]:
			english += 2
		case vietnameseSyllable.MatchString(t.fold):
			syllables++
		default:
			english++
		}
	}
	if words >= 3 && syllables == words {
		vietnamese++
	}
	switch {
	case vietnamese > english:
		return Vietnamese
	case english > vietnamese:
		return English
	}
	return ""
}

// SurelyIn is the language of a whole phrase of three words or more that can be no other: Vietnamese shows by its
// letters, either by three of its common words, and none of the other's. Names, ids and numbers tell nothing.
func SurelyIn(s string) string {
	words, accented := 0, false
	known := map[string]int{}
	for _, t := range lex(Clean(s)).tokens {
		if t.kind != wordToken || isAcronym(t.text) || strings.ContainsAny(t.fold, "0123456789") {
			continue
		}
		words++
		switch {
		case onlyVietnamese(t.text):
			known[Vietnamese]++
			accented = accented || t.text == strings.ToLower(t.text) // a name begins with a capital
		case englishWords[t.fold]:
			known[English]++
		case vietnameseWords[t.fold]:
			known[Vietnamese]++
		}
	}
	switch {
	case words < 3:
		return ""
	case known[English] == 0 && (accented || known[Vietnamese] >= 3):
		return Vietnamese
	case known[Vietnamese] == 0 && known[English] >= 3:
		return English
	}
	return ""
}

// onlyVietnamese reports letters that neither English nor its borrowed words have: ă, đ, ơ, ư and the marks
// for hỏi, ngã and nặng.
func onlyVietnamese(word string) bool {
	if isPlain(word) {
		return false
	}
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		switch r {
		case 'đ', '\u0306', '\u031B', '\u0309', '\u0323':
			return true
		}
	}
	return strings.ContainsAny(norm.NFC.String(strings.ToLower(word)), "ãẽĩõũỹấầắằếềốồẫẵễỗìòù")
}

func isAcronym(word string) bool {
	for _, r := range word {
		if unicode.IsLower(r) {
			return false
		}
	}
	return true
}

// vietnameseSyllable is the form of every Vietnamese syllable without its accents.
var vietnameseSyllable = regexp.MustCompile(
	`^(?:b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x)?[aeiouy]{1,3}(?:c|ch|m|n|ng|nh|p|t)?$`)

// Words that belong to one language only; those that both write alike, such as "to" and "do", are in neither.
var (
	englishWords = wordSet(`
		the a an of and or by from with until till before after within during this next last end for at is are
		was were be been we our us you your my i it its that not no new more less under over below above least
		most than into per each every all any some up down out off on by as so if but just only still yet now
		cut grow raise boost reduce lower increase decrease improve launch ship hire publish reach hit keep get
		make build write close open sign win run drop set add help need needs waiting wait blocked stuck same
		nothing changed change done finished complete completed risk track behind ahead month months week weeks
		day days year years quarter minute minutes hour hours second seconds user users customer customers team
		revenue cost costs time response sales sale rate two three four five six seven eight nine ten january
		february march april june july august september october november december jan feb mar apr jun jul aug
		sep sept oct nov dec monday tuesday wednesday thursday friday update updates goal goals legal review
		confidence percent yes today tomorrow yesterday will should have has had can still about against`)
	vietnameseWords = wordSet(`
		giam tang nang tu xuong len trong truoc vao quy thang nam nay cuoi het ngay tuan sau toi khach doanh
		nghiep thu nhap duoi tren khong chua cho duoc muc tieu dat giu duy tri tuyen ra mat trien khai hoan
		thanh moi phut gio giay nguoi dung luot thoi gian chi phi ty trieu nghin ngan phan tram xong roi vuong
		ket doi phap ly cua va cac nhung mot hai bon bay tam chin muoi dang bi nhat hon khoang den con lai nhu cu
		gi tin cay tien rui ro chech huong tiep theo viec lam ban minh chung hang nhan vien`)
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}
