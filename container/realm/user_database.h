// container/realm/user_database.h
#pragma once
