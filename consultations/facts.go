package consultations

// facts lists every kind of event. A kind is never taken away or renamed: logs
// last longer than programs.
func facts() []func() Fact {
	return []func() Fact{
		func() Fact { return new(CommunityFounded) },
		func() Fact { return new(CommunityChanged) },
		func() Fact { return new(InstitutionAdded) },
		func() Fact { return new(ProtocolAdopted) },
		func() Fact { return new(ProtocolMoved) },
		func() Fact { return new(PromptRecorded) },
		func() Fact { return new(SeatGiven) },
		func() Fact { return new(SeatTaken) },
		func() Fact { return new(MandateEntered) },
		func() Fact { return new(MandateConfirmed) },
		func() Fact { return new(MandateAttested) },
		func() Fact { return new(MandateContested) },
		func() Fact { return new(MandateRuled) },
		func() Fact { return new(MandateEnded) },
		func() Fact { return new(AccountMoved) },
		func() Fact { return new(Worded) },

		func() Fact { return new(ProposalVersioned) },
		func() Fact { return new(ConsultationMoved) },
		func() Fact { return new(PlanWritten) },
		func() Fact { return new(PlanAccepted) },
		func() Fact { return new(Disclosed) },
		func() Fact { return new(DisclosureAccepted) },
		func() Fact { return new(SessionHeld) },
		func() Fact { return new(WindowExtended) },
		func() Fact { return new(ChangeRaised) },

		func() Fact { return new(Drafted) },
		func() Fact { return new(Confirmed) },
		func() Fact { return new(Decided) },
		func() Fact { return new(ConditionSet) },
		func() Fact { return new(ContestOpened) },
		func() Fact { return new(ContestRuled) },
		func() Fact { return new(Voided) },

		func() Fact { return new(Released) },
		func() Fact { return new(ReleaseRevoked) },
		func() Fact { return new(Exported) },
		func() Fact { return new(Noticed) },
		func() Fact { return new(NoticeSent) },
		func() Fact { return new(Published) },
		func() Fact { return new(FileHanded) },
		func() Fact { return new(Read) },
		func() Fact { return new(Redacted) },
		func() Fact { return new(Restored) },
		func() Fact { return new(SealersNamed) },
		func() Fact { return new(Cover) },
	}
}
