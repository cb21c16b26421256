"""Who works here, how they sign in, when they are on duty, what they are told.

In: invitations, passwords, codes, the week's plan. Out: a `Viewer` (`viewers`) that
every act asks for, who reads secret cases (`readers`), and notifications
(`notifications`, `push`). Tables: person, shift, absence, notification, device,
passkey, passkey_challenge, push_subscription, user_session.
"""
